# ruby-pg at its usual work: unnamed and named statements, COPY, row by row.
require 'pg'

CLIENTS = Integer(ENV.fetch('CLIENTS', 8))
ROUNDS = 20
$checks = 0
$arrived = 0
$lock = Mutex.new
$all = ConditionVariable.new

def check(got, expected)
  $lock.synchronize { $checks += 1 }
  raise "got #{got.inspect}, expected #{expected.inspect}" unless got == expected
end

def fails(kind)
  yield
rescue kind
  check(true, true)
else
  raise "no #{kind}"
end

# Waits for all clients, so that each has prepared its statements, and idles.
def meet
  $lock.synchronize do
    turn = $arrived / CLIENTS
    $arrived += 1
    $all.broadcast if $arrived % CLIENTS == 0
    $all.wait($lock) while $arrived / CLIENTS == turn
  end
end

def statements(connection, n)
  connection.prepare('sum', "SELECT $1::int + #{n}")  # The same name in all clients.
  meet
  ROUNDS.times do |i|
    check(connection.exec_prepared('sum', [i]).getvalue(0, 0), (i + n).to_s)
    check(connection.exec_params("SELECT $1::text || '#{n}'", [i]).values, [["#{i}#{n}"]])
  end
  check(connection.describe_prepared('sum').nparams, 1)
  fails(PG::DuplicatePstatement) { connection.prepare('sum', 'SELECT 1') }
  fails(PG::InvalidSqlStatementName) { connection.exec_prepared("other#{n}") }
  blob = { value: [0, n, 255].pack('C*'), format: 1, type: 17 }
  row = connection.exec_params('SELECT $1::int8, $2::text, $3::bytea, $4::int, $5::jsonb',
                               [7 * n, "nä'me #{n} ☃", blob, nil, "{\"n\": #{n}}"]).values[0]
  check(row, [(7 * n).to_s, "nä'me #{n} ☃", format('\x00%02xff', n), nil, "{\"n\": #{n}}"])
end

def transactions(connection, n)
  count = -> { connection.exec_params('SELECT count(*) FROM ruby_pg WHERE owner = $1', [n]).getvalue(0, 0) }
  connection.transaction do
    50.times { |i| connection.exec_params('INSERT INTO ruby_pg VALUES ($1, $2)', [n, "m#{i}"]) }
  end
  fails(PG::DivisionByZero) do
    connection.transaction do
      connection.exec_params('DELETE FROM ruby_pg WHERE owner = $1', [n])
      connection.exec_params('SELECT 1/$1::int', [0])
    end
  end
  check(count.call, '50')
  connection.copy_data('COPY ruby_pg FROM STDIN') do
    500.times { |i| connection.put_copy_data("#{n}\tc#{i}\n") }
  end
  check(count.call, '550')
  lines = 0
  connection.copy_data("COPY (SELECT * FROM ruby_pg WHERE owner = #{n}) TO STDOUT") do
    lines += 1 while connection.get_copy_data
  end
  check(lines, 550)
end

def streams(connection, n)
  connection.send_query("SELECT i + #{n} FROM generate_series(1, 1000) i")
  connection.set_single_row_mode
  total = 0
  connection.get_result.stream_each_row { |row| total += row[0].to_i }
  connection.get_last_result
  check(total, 500_500 + 1000 * n)
end

# Pipeline mode: one failure undoes what came before it since the last sync, and skips what follows.
def pipelines(connection, n)
  connection.enter_pipeline_mode
  ROUNDS.times { |i| connection.send_query_params('SELECT $1::int * 2', [i * n]) }
  connection.pipeline_sync
  connection.send_query_params('DELETE FROM ruby_pg WHERE owner = $1', [n])
  connection.send_query_params('SELECT 1/$1::int', [0])
  connection.send_query_params('SELECT $1::int', [n])
  connection.pipeline_sync
  connection.send_query_params('SELECT count(*) FROM ruby_pg WHERE owner = $1', [n])
  connection.pipeline_sync
  ROUNDS.times { |i| check(one_result(connection).getvalue(0, 0), (i * n * 2).to_s) }
  check(connection.get_result.result_status, PG::PGRES_PIPELINE_SYNC)
  check(one_result(connection).cmd_tuples, 550)
  check(one_result(connection).error_field(PG::PG_DIAG_SQLSTATE), '22012')
  check(one_result(connection).result_status, PG::PGRES_PIPELINE_ABORTED)
  check(connection.get_result.result_status, PG::PGRES_PIPELINE_SYNC)
  check(one_result(connection).getvalue(0, 0), '550')
  check(connection.get_result.result_status, PG::PGRES_PIPELINE_SYNC)
  connection.exit_pipeline_mode
end

# Of one query in a pipeline, after whose result libpq says nil.
def one_result(connection)
  result = connection.get_result
  check(connection.get_result, nil)
  result
end

def notices(connection, n)
  heard = []
  connection.set_notice_processor { |text| heard << text }
  connection.exec("DO $$ BEGIN RAISE NOTICE 'heard %', #{n}; END $$")
  check(heard, ["NOTICE:  heard #{n}\n"])
end

def work(n)
  2.times do
    connection = PG.connect
    connection.exec_params('DELETE FROM ruby_pg WHERE owner = $1', [n])
    statements(connection, n)
    transactions(connection, n)
    pipelines(connection, n)  # Before streams, after which libpq 15 mixes them up.
    streams(connection, n)
    notices(connection, n)
    connection.send_query('SELECT pg_sleep(60)')
    sleep 0.2  # sync_cancel is libpq's; cancel connects to what getpeername() says.
    check(connection.sync_cancel, nil)
    fails(PG::QueryCanceled) { connection.get_last_result }
    check(connection.exec_params('SELECT $1::text', ["end #{n}"]).getvalue(0, 0), "end #{n}")
    connection.close
  end
end

first = PG.connect
first.exec('SET client_min_messages = error; DROP TABLE IF EXISTS ruby_pg; CREATE TABLE ruby_pg (owner int, name text)')
first.close
Thread.abort_on_exception = true
Array.new(CLIENTS) { |n| Thread.new { work(n) } }.each(&:join)
puts "#{$checks} checks", 'all well'
