#include "proxy/postgres/session_effect.h"

#include <catch2/catch.hpp>
#include <string>

using namespace peerpool::postgres;
using Kind = SessionEffect::Kind;

namespace {

/// "none", "unknown", or what state.
std::string effect(std::string_view sql) {
  const SessionEffect effect = effectOf(sql);
  switch (effect.kind()) {
    case Kind::None:
      return "none";
    case Kind::Unknown:
      return "unknown";
    case Kind::State:
      return std::string(describe(effect.state()));
  }
  return {};
}

/// "name=value;" for each.
std::string settings(std::string_view sql) {
  const SessionEffect effect = effectOf(sql);
  std::string all;
  for (const Setting& setting : effect.settings()) {
    all.append(setting.name).append(1, '=').append(setting.value).append(1, ';');
  }
  return effect.kind() == Kind::None ? all : "not followed";
}

}  // namespace

TEST_CASE("Plain work leaves nothing in the session") {
  for (const char* sql :
       {"",
        ";",
        "SELECT 1",
        "select a, count(*) from t where b in (1, 2) group by a",
        "INSERT INTO t (a, b) VALUES (1, lower('X')) RETURNING id",
        "INSERT INTO s.t(a) SELECT pg_catalog.upper(x) FROM u",
        "UPDATE accounts SET balance = balance + 1 WHERE id = 5; -- SET x",
        "BEGIN; DELETE FROM t; COMMIT; ROLLBACK; SAVEPOINT a; RELEASE a",
        "WITH x (a) AS (SELECT 1), y AS (SELECT 2) SELECT * FROM x",
        "WITH RECURSIVE x(a) AS (SELECT 1) SELECT * FROM x",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT * FROM unnest(ARRAY[1]) AS u(a)",
        "FETCH 10 FROM c; MOVE c; CLOSE c",
        "DECLARE c CURSOR FOR SELECT 1",
        "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
        "COPY t FROM STDIN",
        "EXPLAIN SELECT 1",
        "SHOW work_mem",
        "UNLISTEN *",
        "CLOSE ALL",
        "DISCARD ALL",
        "DEALLOCATE a",
        "PREPARE TRANSACTION 'x'",
        "NOTIFY a, 'b'",
        "SELECT pg_advisory_xact_lock(1), pg_advisory_unlock(2), pg_advisory_unlock_all()",
        "SELECT temp, temporary FROM weather",
        "INSERT INTO temp VALUES (1)",
        "SELECT 'pg_advisory_lock(1); LISTEN a; CREATE TEMP TABLE t ()'",
        "SELECT $$SET ROLE x$$",
        "SELECT \"set_config\" FROM t",
        "SELECT set_config('a.b', 'c', true)",
        "SELECT set_config('a', lower('X'), TRUE ), 1",
        "SET LOCAL work_mem = '1MB'",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET CONSTRAINTS ALL DEFERRED",
        "SELECT cast(a AS varchar(10)), numeric '1'",
        "SELECT $1::int, 1e5, 'a' || E'b\\''"}) {
    CAPTURE(sql);
    CHECK(effect(sql) == "none");
  }
}

TEST_CASE("What is not known may leave anything") {
  for (const char* sql : {"SELECT f(1)",
                          "SELECT own.lower('x')",
                          "SELECT \"lower\"('x')",
                          "SELECT pg_catalog.f()",
                          "SELECT a.pg_catalog.lower('x')",
                          "DO $$ BEGIN END $$",
                          "CALL p()",
                          "EXECUTE a",
                          "CREATE TABLE t (a int)",
                          "ALTER TABLE t ADD b int",
                          "LOAD 'x'",
                          "EXPLAIN ANALYZE SELECT 1",
                          "explain (analyse) select 1",
                          "nonsense",
                          "SELECT 'a",
                          "SELECT E'\\x81\\'",
                          "/*",
                          "CREATE TEMP TABLE t (a int) ON COMMIT DROP",
                          "RESET ROLE",
                          "RESET SESSION AUTHORIZATION",
                          "SELECT dblink_connect('x')",
                          "WITH x AS (INSERT INTO t SELECT f(1)) SELECT 1",
                          "'",
                          "\"select\" 1"}) {
    CAPTURE(sql);
    CHECK(effect(sql) == "unknown");
  }
}

TEST_CASE("A text that reads what the session did with sequences is told") {
  for (const char* sql : {"SELECT lastval()", "select CURRVAL ('s')", "SELECT 1; SELECT lastval()",
                          "SELECT pg_catalog.lastval()", "INSERT INTO t VALUES (currval('s'))"}) {
    CAPTURE(sql);
    CHECK(effectOf(sql).readsSequences());
    CHECK(effect(sql) == "none");
  }
  for (const char* sql : {"SELECT nextval('s')", "SELECT 'lastval()'", "SELECT lastval FROM t",
                          "SELECT mine.lastval()", "SELECT 1 -- lastval()"}) {
    CAPTURE(sql);
    CHECK_FALSE(effectOf(sql).readsSequences());
  }
}

TEST_CASE("A text after which others may mean something else is told") {
  for (const char* sql :
       {"SET LOCAL standard_conforming_strings = off", "SET client_encoding TO 'sjis'",
        "SET LOCAL NAMES 'big5'", "SET NAMES GBK", "SELECT set_config('client_encoding', $1, true)",
        "SELECT set_config($1, 'off', true)", "SELECT set_config('a' || 'b', 'off', true)"}) {
    CAPTURE(sql);
    CHECK(effectOf(sql).rereads());
  }
  for (const char* sql : {"SET LOCAL work_mem = '1MB'", "SET client_encoding TO 'UTF-8'",
                          "SET NAMES 'latin1'", "SET client_encoding TO DEFAULT", "RESET ALL",
                          "SELECT set_config('my.own', $1, true)", "SET NAMES EUC_JP"}) {
    CAPTURE(sql);
    CHECK_FALSE(effectOf(sql).rereads());
  }
}

TEST_CASE("A text that may end a transaction drops what others of its batch set") {
  SessionEffect batch = effectOf("SET work_mem = '1MB'");
  CHECK(batch.settings().size() == 1);
  batch.add(effectOf("COMMIT"));
  CHECK(batch.settings().empty());
  CHECK(batch.state() == StateKind::Parameter);
  SessionEffect other = effectOf("ROLLBACK");
  other.add(effectOf("SET work_mem = '1MB'"));
  CHECK(other.settings().empty());
}

TEST_CASE("A text that is deeper than anybody writes may leave anything") {
  std::string calls = "SELECT ";
  while (calls.size() < 16'000) {
    calls += "set_config('a', 'b', ";
  }
  CHECK(effect(calls) == "parameter");
  std::string open;
  std::string close;
  for (int i = 0; i < 1000; ++i) {
    const std::string tag = "$t" + std::to_string(i) + '$';
    open += "DO " + tag;
    close.insert(0, tag);
  }
  CHECK(effect(open + close) == "parameter");
}

TEST_CASE("State that a client may count on is named") {
  const std::pair<const char*, const char*> cases[] = {
      {"LISTEN a", "LISTEN"},
      {"SELECT 1; listen b", "LISTEN"},
      {"PREPARE a AS SELECT 1", "statement"},
      {"CREATE TEMP TABLE t (a int)", "temporary table"},
      {"create /* ! */ temporary table t as select 1", "temporary table"},
      {"CREATE OR REPLACE TEMP VIEW v AS SELECT 1", "temporary table"},
      {"CREATE LOCAL TEMP SEQUENCE s", "temporary table"},
      {"CREATE TABLE pg_temp.t (a int)", "temporary table"},
      {"CREATE TABLE \"pg_temp\".t (a int)", "temporary table"},
      {"SELECT 1 INTO TEMP t", "temporary table"},
      {"SELECT a INTO TEMPORARY TABLE t FROM u", "temporary table"},
      {"SELECT pg_advisory_lock(1)", "advisory lock"},
      {"select pg_catalog.PG_TRY_ADVISORY_LOCK_SHARED(1, 2)", "advisory lock"},
      {"DECLARE c CURSOR WITH HOLD FOR SELECT 1", "cursor"},
      {"SET ROLE a", "role"},
      {"SET SESSION ROLE a", "role"},
      {"SET role TO a", "role"},
      {"SET SESSION AUTHORIZATION a", "role"},
      {"SET SESSION SESSION AUTHORIZATION a", "role"},
      {"SET \"Role\" = a", "role"},
      {"SET session_authorization = a", "role"},
      {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "parameter"},
      {"SET standard_conforming_strings = off", "parameter"},
      {"SET SCHEMA 'a'", "parameter"},
      {"SET XML OPTION DOCUMENT", "parameter"},
      {"SET a = E'b'", "parameter"},
      {"SET a = 'b\\c'", "parameter"},
      {"SET a = 1 -- why", "none"},
      {"SET a = 1 -- why\n, 2", "parameter"},
      {"SET = 1", "parameter"},
      {"SET a", "parameter"},
      {"SET work_mem = '1MB'; COMMIT", "parameter"},
      {"BEGIN; SET work_mem = '1MB'", "parameter"},
      {"SELECT set_config('a', 'b', false)", "parameter"},
      {"SELECT set_config('a', 'b', $1)", "parameter"},
      {"SELECT set_config('a', 'b', true AND false)", "parameter"},
      {"SELECT set_config('a', 'b', true), set_config('a', 'b', f)", "parameter"},
      {"SELECT set_config('a', set_config('b', 'c', true), false)", "parameter"},
      {"SELECT set_config('a', 'b', true", "parameter"},
      {"SELECT f(1); SET ROLE a", "role"},
      {"UPDATE pg_settings SET setting = 'a' WHERE name = 'b'", "parameter"},
      {"DO $$ BEGIN SET work_mem = '1MB'; END $$", "parameter"},
      {"DO $x$ BEGIN IF true THEN SET work_mem = '1MB'; END IF; END $x$ LANGUAGE plpgsql",
       "parameter"},
      {"DO 'BEGIN PERFORM pg_advisory_lock(1); END'", "advisory lock"},
      {"DO $$ BEGIN CREATE TEMP TABLE t (a int); END $$", "temporary table"},
      {"DO $$ DECLARE a int; BEGIN LISTEN b; END $$", "LISTEN"},
      {"DO $$ BEGIN PERFORM set_config('a', 'b', true); SET LOCAL a = 1; END $$", "unknown"},
  };
  for (const auto& [sql, expected] : cases) {
    CAPTURE(sql);
    CHECK(effect(sql) == expected);
  }
}

TEST_CASE("A text of nothing but SET and RESET can be followed") {
  const std::pair<const char*, const char*> cases[] = {
      {"SET work_mem = '1MB'", "work_mem='1MB';"},
      {"set session Work_Mem to 64; ", "work_mem=64;"},
      {"SET search_path = a, \"B c\", '$user'", "search_path=a, \"B c\", '$user';"},
      {"SET my.Own TO -1.5", "my.own=-1.5;"},
      {"SET \"My\".\"own\" = on", "my.own=on;"},
      {"SET a = DEFAULT", "a=;"},
      {"SET a = 'default'", "a='default';"},
      {"RESET a", "a=;"},
      {"RESET my.own", "my.own=;"},
      {"RESET ALL", "=;"},
      {"SET TimeZone = 'UTC'", ""},
      {"SET TIME ZONE 'UTC'; SET NAMES 'utf8'; RESET TIME ZONE; RESET DateStyle", ""},
      {"SET client_min_messages TO warning; SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE",
       "client_min_messages=warning;"},
      {"SET work_mem = '1MB'; SELECT 1", "work_mem='1MB';"},
      {"SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;", "=;"},
      {"SET a = 1; SET LOCAL b = 2", "not followed"},
      {"SET a = 1; SET CONSTRAINTS ALL DEFERRED", "not followed"},
      {"SET a = 1; RESET ROLE", "not followed"},
  };
  for (const auto& [sql, expected] : cases) {
    CAPTURE(sql);
    CHECK(settings(sql) == expected);
  }
  CHECK(settings("SET a = '" + std::string(2000, 'x') + "'") == "not followed");
  CHECK(settings("SET " + std::string(200, 'x') + " = 1") == "not followed");
}

TEST_CASE("A RESET that may not last is nothing to count on, but to who has set something") {
  for (const char* sql : {"BEGIN; RESET ALL; COMMIT", "RESET a; SET LOCAL b = 1"}) {
    CHECK(effect(sql) == "unknown");
    CHECK(effectOf(sql).dropsResets());
  }
  CHECK(effect("BEGIN; SET a = 1; RESET ALL") == "parameter");
  CHECK_FALSE(effectOf("RESET ALL").dropsResets());
}

TEST_CASE("Tags that will come for what leaves nothing are counted") {
  struct Case {
    const char* sql;
    std::size_t harmless;
    std::size_t settings;
  };
  const Case cases[] = {
      {"SET a = 1; SET TIME ZONE 'UTC'; RESET b", 2, 3},
      {"SET LOCAL a = 1", 1, 0},
      {"SET CONSTRAINTS ALL DEFERRED", 0, 0},
      {"DECLARE c CURSOR FOR SELECT 1", 1, 0},
      {"DECLARE c CURSOR WITH HOLD FOR SELECT 1", 0, 0},
      {"SET ROLE a", 0, 0},
      {"SELECT 1", 0, 0},
  };
  for (const Case& item : cases) {
    CAPTURE(item.sql);
    CHECK(effectOf(item.sql).harmlessTags() == item.harmless);
    CHECK(effectOf(item.sql).settingCommands() == item.settings);
  }
}

TEST_CASE("While parameters change texts may mean something else") {
  for (const char* sql : {"SET a = 1", "SET LOCAL a = 1", "RESET a", "SET TIME ZONE 'UTC'",
                          "SELECT set_config('a', 'b', true)"}) {
    CHECK(effectOf(sql).changesParameters());
  }
  CHECK_FALSE(effectOf("SELECT 1").changesParameters());
}

TEST_CASE("Effects add up, and the first state is the reason") {
  SessionEffect all = effectOf("SELECT 1");
  all.add(effectOf("SELECT f()"));
  CHECK(all.kind() == Kind::Unknown);
  all.add(effectOf("LISTEN a"));
  all.add(effectOf("SELECT 1"));
  all.add(effectOf("SET ROLE a"));
  CHECK(all.kind() == Kind::State);
  CHECK(all.state() == StateKind::Listen);
  SessionEffect set = effectOf("SET a = 1");
  CHECK(set.kind() == Kind::None);
  set.dropSettings();
  CHECK(set.state() == StateKind::Parameter);
  CHECK(set.kind() == Kind::State);
  CHECK(set.settings().empty());
}
