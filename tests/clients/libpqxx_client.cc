// libpqxx at its usual work: simple queries, unnamed and named statements, pipeline, streams.

#include <pqxx/pqxx>
#include <tuple>

#include "crew.h"

namespace {

using crew::kRounds;

crew::Crew all;  // Of the program; its threads share nothing else.

std::string with(const std::string& sql, int n) { return sql + std::to_string(n); }

void statements(pqxx::connection& connection, int n) {
  connection.prepare("sum", with("SELECT $1::int + ", n));  // The same name in all clients.
  for (int i = 0; i < kRounds; ++i) {
    pqxx::work work(connection);
    all.check(work.exec_prepared1("sum", i)[0].as<int>(), i + n);
    work.commit();
    pqxx::nontransaction alone(connection);
    all.check(alone.exec_params1("SELECT $1::text || $2::text", i, n)[0].as<std::string>(),
              with(std::to_string(i), n));
    if (i == kRounds / 2) {
      all.meet();
    }
  }
  const pqxx::binarystring blob(std::string{'\0', static_cast<char>(n), '\xff'});
  pqxx::nontransaction alone(connection);
  const pqxx::row row = alone.exec_params1(
      "SELECT $1::int8, $2::text, $3::bytea, $4::int, $5::numeric, $6::bool, $7::int[]", 7 * n,
      crew::nameOf(n), blob, nullptr, "1.50", true, with("{1,", n) + "}");
  all.check(row[0].as<int>(), 7 * n);
  all.check(row[1].as<std::string>(), crew::nameOf(n));
  all.check(pqxx::binarystring(row[2]).str() == blob.str(), true);
  all.check(row[3].is_null(), true);
  all.check(row[4].as<std::string>(), "1.50");
  all.check(row[5].as<bool>(), true);
  all.check(row[6].as<std::string>(), with("{1,", n) + "}");
}

int count(pqxx::transaction_base& work, int n) {
  return work.exec_params1("SELECT count(*) FROM libpqxx WHERE owner = $1", n)[0].as<int>();
}

void transactions(pqxx::connection& connection, int n) {
  {
    pqxx::work work(connection);
    connection.prepare("add", "INSERT INTO libpqxx VALUES ($1, $2)");
    for (int i = 0; i < 50; ++i) {
      work.exec_prepared0("add", n, with("m", i));
    }
    work.commit();
  }
  {
    pqxx::work work(connection);
    work.exec_params0("DELETE FROM libpqxx WHERE owner = $1", n);
    all.check(count(work, n), 0);
  }  // Never committed.
  {
    pqxx::work work(connection);
    const auto error = all.fails<pqxx::sql_error>([&] { work.exec_params("SELECT 1/$1::int", 0); });
    all.check(error.sqlstate(), "22012");
    const auto next = all.fails<pqxx::sql_error>([&] { work.exec_params("SELECT $1::int", n); });
    all.check(next.sqlstate(), "25P02");
  }
  pqxx::work work(connection);
  {
    pqxx::subtransaction inner(work, "inner");
    all.fails<pqxx::undefined_table>([&] { inner.exec("SELECT * FROM nowhere"); });
  }
  all.check(count(work, n), 50);
  work.commit();
}

void bulk(pqxx::connection& connection, int n) {
  pqxx::work work(connection);
  pqxx::stream_to in(work, "libpqxx");
  for (int i = 0; i < 500; ++i) {
    in << std::make_tuple(n, with("c", i));
  }
  in.complete();
  all.check(count(work, n), 550);
  pqxx::stream_from out(work, "libpqxx");
  std::tuple<int, std::string> row;
  int mine = 0;
  while (out >> row) {
    mine += std::get<0>(row) == n ? 1 : 0;
  }
  out.complete();
  all.check(mine, 550);
  pqxx::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned> cursor(
      work, with("SELECT i FROM generate_series(1, 1000) i WHERE i > ", n), "numbers", false);
  all.check(cursor.size(), static_cast<std::size_t>(1000 - n));
  all.check(cursor.retrieve(100, 110)[0][0].as<int>(), 101 + n);
  pqxx::pipeline pipeline(work);
  std::vector<pqxx::pipeline::query_id> queries;
  for (int i = 0; i < kRounds; ++i) {
    queries.push_back(pipeline.insert(with("SELECT 3 * ", i * n)));
  }
  for (int i = 0; i < kRounds; ++i) {
    all.check(pipeline.retrieve(queries[static_cast<std::size_t>(i)])[0][0].as<int>(), 3 * i * n);
  }
  pipeline.complete();
  work.commit();
}

// Keeps what the server says besides its answers.
class Notices : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx::connection_base& connection) : errorhandler(connection) {}
  bool operator()(const char message[]) noexcept override {
    text_ += message;
    return false;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

void notices(pqxx::connection& connection, int n) {
  const Notices heard(connection);
  pqxx::nontransaction(connection)
      .exec(with("DO $$ BEGIN RAISE NOTICE 'heard %', ", n) + "; END $$");
  all.check(heard.text().find(with("heard ", n)) != std::string::npos, true);
}

void work(int n) {
  for (int again = 0; again < 2; ++again) {
    pqxx::connection connection;
    pqxx::nontransaction(connection).exec_params("DELETE FROM libpqxx WHERE owner = $1", n);
    statements(connection, n);
    transactions(connection, n);
    bulk(connection, n);
    notices(connection, n);
    connection.unprepare("sum");  // DEALLOCATE
    const auto gone = all.fails<pqxx::sql_error>(
        [&] { pqxx::nontransaction(connection).exec("EXECUTE sum(1)"); });
    all.check(gone.sqlstate(), "26000");
    connection.prepare("sum", with("SELECT $1::int - ", n));
    all.check(pqxx::nontransaction(connection).exec_prepared1("sum", 1)[0].as<int>(), 1 - n);
    all.check(pqxx::nontransaction(connection).exec1(with("SELECT ", n))[0].as<int>(), n);
    connection.disconnect();
  }
}

}  // namespace

int main() {
  {
    pqxx::connection first;
    pqxx::nontransaction work(first);
    work.exec("SET LOCAL client_min_messages = error");
    work.exec("DROP TABLE IF EXISTS libpqxx");
    work.exec("CREATE TABLE libpqxx (owner int, name text)");
  }
  return all.run(work);
}
