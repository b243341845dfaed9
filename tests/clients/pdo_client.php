<?php
// PDO at its usual work, a process for each client: prepare() and query() name a statement
// pdo_stmt_00000001 in every client, and free it by DEALLOCATE.
declare(strict_types=1);

const ROUNDS = 20;
$clients = (int) (getenv('CLIENTS') ?: 8);
$checks = 0;

function check(mixed $got, mixed $expected): void
{
    global $checks;
    $checks++;
    if ($got !== $expected) {
        throw new Exception('got ' . var_export($got, true) . ', expected ' . var_export($expected, true));
    }
}

function fails(string $state, callable $action): void
{
    global $checks;
    $checks++;
    try {
        $action();
    } catch (PDOException $error) {
        check($error->getCode(), $state);
        return;
    }
    throw new Exception("no error $state");
}

function connection(): PDO
{
    return new PDO('pgsql:host=' . getenv('PGHOST') . ';dbname=' . getenv('PGDATABASE'), getenv('PGUSER'));
}

function meet($door): void
{
    fwrite($door, 'x');
    if (fread($door, 1) !== 'x') {
        throw new Exception('the others are gone');
    }
}

function statements(PDO $db, int $n, $door): void
{
    $sum = $db->prepare("SELECT ?::int + $n");
    for ($i = 0; $i < ROUNDS; $i++) {
        $sum->execute([$i]);
        check($sum->fetchColumn(), $i + $n);
        check($db->query("SELECT '$i of $n'")->fetchColumn(), "$i of $n");
        if ($i === intdiv(ROUNDS, 2)) {
            meet($door);
        }
    }
    $typed = $db->prepare('SELECT :a::int8, :b::text, :c::bytea, :d::int, :e::numeric, :f::bool, :g::jsonb');
    $blob = "\0" . chr($n) . "\xff";
    foreach ([7 * $n, "nä'me $n ☃", null, null, '1.50', true, "{\"n\": $n}"] as $i => $value) {
        $kind = match (true) { is_bool($value) => PDO::PARAM_BOOL, is_int($value) => PDO::PARAM_INT, default => PDO::PARAM_STR };
        $typed->bindValue('abcdefg'[$i], $value, $kind);
    }
    $typed->bindValue('c', $blob, PDO::PARAM_LOB);
    $typed->execute();
    $row = $typed->fetch(PDO::FETCH_NUM);
    $row[2] = stream_get_contents($row[2]);
    check($row, [7 * $n, "nä'me $n ☃", $blob, null, '1.50', true, "{\"n\": $n}"]);
}

function transactions(PDO $db, int $n): void
{
    $count = fn () => $db->query("SELECT count(*) FROM pdo WHERE owner = $n")->fetchColumn();
    $db->beginTransaction();
    $insert = $db->prepare('INSERT INTO pdo VALUES (?, ?)');
    for ($i = 0; $i < 50; $i++) {
        $insert->execute([$n, "m$i"]);
    }
    $db->commit();
    $db->beginTransaction();
    $db->exec("DELETE FROM pdo WHERE owner = $n");
    check($count(), 0);
    $db->rollBack();
    $db->beginTransaction();
    fails('22012', fn () => $db->prepare('SELECT 1/?::int')->execute([0]));
    fails('25P02', fn () => $db->query('SELECT 1'));
    $db->rollBack();
    check($count(), 50);
    check($db->pgsqlCopyFromArray('pdo', array_map(fn ($i) => "$n\tc$i", range(1, 500))), true);
    check($count(), 550);
    $db->beginTransaction();
    $cursor = $db->prepare("SELECT i + ? FROM generate_series(1, 1000) i", [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
    $cursor->execute([$n]);
    $total = 0;
    while (($value = $cursor->fetchColumn()) !== false) {
        $total += $value;
    }
    $cursor->closeCursor();
    $db->commit();
    check($total, 500500 + 1000 * $n);
}

function work(int $n, $door): void
{
    for ($again = 0; $again < 2; $again++) {
        $db = connection();
        $db->prepare('DELETE FROM pdo WHERE owner = ?')->execute([$n]);
        statements($db, $n, $door);
        transactions($db, $n);
        check($db->query("SELECT 'end $n'")->fetchColumn(), "end $n");
        $db = null;
    }
}

$first = connection();
$first->exec('DROP TABLE IF EXISTS pdo');
$first->exec('CREATE TABLE pdo (owner int, name text)');
$first = null;
$doors = [];
$pids = [];
for ($n = 0; $n < $clients; $n++) {
    [$ours, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $pid = pcntl_fork();
    if ($pid === 0) {
        array_map('fclose', $doors);
        fclose($ours);
        try {
            work($n, $theirs);
        } catch (Throwable $error) {
            fwrite(STDERR, "$error\n");
            exit(1);
        }
        fwrite($theirs, "$checks\n");
        exit(0);
    }
    fclose($theirs);
    $doors[] = $ours;
    $pids[] = $pid;
}
for ($again = 0; $again < 2; $again++) {  // Lets all go on when all have come.
    foreach ($doors as $door) {
        fread($door, 1);
    }
    foreach ($doors as $door) {
        @fwrite($door, 'x');
    }
}
$failed = false;
foreach ($pids as $i => $pid) {
    $checks += (int) fgets($doors[$i]);
    pcntl_waitpid($pid, $status);
    $failed = $failed || $status !== 0;
}
if ($failed) {
    exit(1);
}
echo "$checks checks\nall well\n";
