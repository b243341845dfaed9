// Poco::Data at its usual work: each statement is a named one that it frees by SQL's DEALLOCATE.

#include <Poco/Data/LOB.h>
#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/PostgreSQLException.h>
#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/SessionPool.h>
#include <Poco/Data/Transaction.h>
#include <Poco/Nullable.h>

#include "crew.h"

namespace {

using crew::kRounds;
using Poco::Data::Session;
using Poco::Data::Statement;
using namespace Poco::Data::Keywords;  // into, use, now, limit, as its documentation has them

crew::Crew all;  // Of the program; its threads share nothing else.

std::string where() {
  return std::string("host=") + std::getenv("PGHOST") + " user=" + std::getenv("PGUSER") +
         " dbname=" + std::getenv("PGDATABASE");
}

std::string with(const std::string& sql, int n) { return sql + std::to_string(n); }

void statements(Session& session, int n) {
  int i = 0;
  int got = -1;
  Statement sum(session);  // Prepared once, executed often.
  sum << with("SELECT $1::int + ", n), into(got), use(i);
  for (; i < kRounds; ++i) {
    sum.execute();
    all.check(got, i + n);
    std::string text;
    session << "SELECT $1::int || 't'", into(text), use(i), now;  // Named, executed, freed.
    all.check(text, std::to_string(i) + "t");
    if (i == kRounds / 2) {
      all.meet();
    }
  }
  Poco::Int64 big = 7 * n;
  std::string name = crew::nameOf(n);
  Poco::Nullable<int> none;
  double price = 1.5;
  Poco::Int64 big_back = 0;
  std::string name_back;
  Poco::Nullable<int> none_back(1);
  double price_back = 0;
  session << "SELECT $1::int8, $2::text, $3::int, $4::float8", into(big_back), into(name_back),
      into(none_back), into(price_back), use(big), use(name), use(none), use(price), now;
  all.check(big_back, big);
  all.check(name_back, name);
  all.check(none_back.isNull(), true);
  all.check(price_back, price);
  Poco::Data::BLOB blob(std::vector<unsigned char>{0, static_cast<unsigned char>(n), 255});
  std::string hex;
  session << "SELECT encode($1::bytea, 'hex')", into(hex), use(blob), now;
  all.check(hex, with("000", n) + "ff");
}

int count(Session& session, int n) {
  int got = -1;
  session << "SELECT count(*)::int FROM poco_data WHERE owner = $1", into(got), use(n), now;
  return got;
}

void transactions(Session& session, int n) {
  std::vector<int> owners(50, n);
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i) {
    names.push_back(with("m", i));
  }
  {
    Poco::Data::Transaction transaction(session);
    session << "INSERT INTO poco_data VALUES ($1, $2)", use(owners), use(names), now;
    transaction.commit();
  }
  {
    Poco::Data::Transaction transaction(session);
    session << "DELETE FROM poco_data WHERE owner = $1", use(n), now;
    all.check(count(session, n), 0);
    transaction.rollback();
  }
  using Poco::Data::PostgreSQL::PostgreSQLException;
  int zero = 0;
  int got = 0;
  all.fails<PostgreSQLException>([&] { session << "SELECT 1/$1::int", into(got), use(zero), now; });
  all.check(count(session, n), 50);
  {
    Poco::Data::Transaction transaction(session);
    all.fails<PostgreSQLException>([&] { session << "SELECT * FROM nowhere", now; });
    all.fails<PostgreSQLException>([&] { session << "SELECT $1::int", into(got), use(n), now; });
    transaction.rollback();
  }
  Statement select(session);
  select << "SELECT i + $1::int AS i FROM generate_series(1, 1000) i", use(n);
  select.execute();
  Poco::Data::RecordSet rows(select);
  int total = 0;
  for (bool more = rows.moveFirst(); more; more = rows.moveNext()) {
    total += rows["i"].convert<int>();
  }
  all.check(total, 500500 + 1000 * n);
}

void pooled(Poco::Data::SessionPool& pool, int n) {
  for (int i = 0; i < kRounds; ++i) {
    Session session(pool.get());
    int got = -1;
    session << with("SELECT $1::int * ", n), into(got), use(i), now;
    all.check(got, i * n);
  }
}

}  // namespace

int main() {
  Poco::Data::PostgreSQL::Connector::registerConnector();
  {
    Session first("postgresql", where());
    first << "SET client_min_messages = error", now;
    first << "DROP TABLE IF EXISTS poco_data", now;
    first << "CREATE TABLE poco_data (owner int, name text)", now;
  }
  Poco::Data::SessionPool pool("postgresql", where(), 1, crew::kClients);
  return all.run([&pool](int n) {
    for (int again = 0; again < 2; ++again) {
      Session session("postgresql", where());
      session << "DELETE FROM poco_data WHERE owner = $1", use(n), now;
      statements(session, n);
      transactions(session, n);
    }
    pooled(pool, n);  // Last, so that no client has two connections.
  });
}
