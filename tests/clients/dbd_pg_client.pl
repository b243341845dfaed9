# DBD::Pg at its usual work, a process for each client: named statements from the second run on.
use strict;
use warnings;
use utf8;
use DBI;
use DBD::Pg qw(:pg_types);

my $clients = $ENV{CLIENTS} || 8;
my $rounds = 20;
my $checks = 0;

sub check {
  my ($got, $expected) = @_;
  $checks++;
  $got //= 'undef';
  $expected //= 'undef';
  die "got '$got', expected '$expected'" if $got ne $expected;
}

sub fails {
  my ($state, $action) = @_;
  $checks++;
  die "no error $state" if eval { $action->(); 1 };
  die "got $DBI::state, expected $state" if $DBI::state ne $state;
}

sub connection {
  return DBI->connect('dbi:Pg:', '', '', {RaiseError => 1, PrintError => 0, AutoCommit => 1, pg_enable_utf8 => 1});
}

# All have prepared their statements when all have come; a byte in the pipe for each.
sub meet {
  my ($arrive, $leave) = @_;
  syswrite($arrive, 'x');
  sysread($leave, my $byte, 1) == 1 or die 'the others are gone';
}

sub statements {
  my ($db, $n, @doors) = @_;
  my $sum = $db->prepare("SELECT ?::int + $n");
  for my $i (0 .. $rounds - 1) {
    $sum->execute($i);
    check($sum->fetchrow_array, $i + $n);
    meet(@doors) if $i == $rounds / 2;
  }
  my $typed = $db->prepare('SELECT ?::int8, ?::text, ?::bytea, ?::int, ?::numeric, ?::int[], ?::jsonb');
  my @values = (7 * $n, "nä'me $n ☃", "\0" . chr($n) . "\xff", undef, '1.50', [$n, $n + 1], qq({"n": $n}));
  $typed->bind_param(3, undef, {pg_type => PG_BYTEA});
  $typed->execute(@values);
  my @row = $typed->fetchrow_array;
  check($row[$_], $values[$_]) for 0 .. 4, 6;
  check("@{$row[5]}", "@{$values[5]}");
}

sub transactions {
  my ($db, $n) = @_;
  my $count = sub { $db->selectrow_array('SELECT count(*) FROM dbd_pg WHERE owner = ?', undef, $n) };
  $db->begin_work;
  my $insert = $db->prepare('INSERT INTO dbd_pg VALUES (?, ?)');
  $insert->execute($n, "m$_") for 1 .. 50;
  $db->commit;
  $db->begin_work;
  $db->do('DELETE FROM dbd_pg WHERE owner = ?', undef, $n);
  check($count->(), 0);
  $db->rollback;
  $db->begin_work;
  fails('22012', sub { $db->selectrow_array('SELECT 1/?::int', undef, 0) });
  fails('25P02', sub { $db->selectrow_array('SELECT ?::int', undef, 1) });
  $db->rollback;
  check($count->(), 50);
  $db->begin_work;
  $db->do("DECLARE c CURSOR FOR SELECT i + $n FROM generate_series(1, 1000) i");
  my $total = 0;
  my $rows;
  do {
    $rows = $db->selectall_arrayref('FETCH 100 FROM c');
    $total += $_->[0] for @$rows;
  } while (@$rows);
  $db->commit;
  check($total, 500500 + 1000 * $n);
  $db->do('COPY dbd_pg FROM STDIN');
  $db->pg_putcopydata("$n\tc$_\n") for 1 .. 500;
  $db->pg_putcopyend;
  check($count->(), 550);
}

sub work {
  my ($n, @doors) = @_;
  for (1 .. 2) {
    my $db = connection();
    $db->do('DELETE FROM dbd_pg WHERE owner = ?', undef, $n);
    statements($db, $n, @doors);
    transactions($db, $n);
    check($db->selectrow_array('SELECT ?::text', undef, "end $n"), "end $n");
    $db->disconnect;
  }
}

my $first = connection();
$first->{Warn} = 0;
$first->do('SET client_min_messages = error; DROP TABLE IF EXISTS dbd_pg; CREATE TABLE dbd_pg (owner int, name text)');
$first->disconnect;
pipe(my $arrived, my $arrive) or die;
pipe(my $leave, my $let_go) or die;
pipe(my $counts, my $count) or die;
my @pids;
for my $n (0 .. $clients - 1) {
  my $pid = fork() // die;
  if ($pid == 0) {
    close($_) for $arrived, $let_go, $counts;
    eval { work($n, $arrive, $leave); 1 } or do { print STDERR $@; exit 1 };
    syswrite($count, "$checks\n");
    exit 0;
  }
  push @pids, $pid;
}
close($_) for $arrive, $leave, $count;
$SIG{PIPE} = 'IGNORE';
for (1 .. 2) {
  for (1 .. $clients) {
    sysread($arrived, my $byte, 1) or last;
  }
  syswrite($let_go, 'x' x $clients);
}
close($let_go);
my $failed = 0;
for (@pids) {
  waitpid($_, 0);
  $failed ||= $?;
}
exit 1 if $failed;
$checks += $_ for <$counts>;
print "$checks checks\nall well\n";
