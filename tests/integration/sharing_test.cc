// One server, several clients: what one does must not show at the next, and nobody waits forever.

#include <catch2/catch.hpp>
#include <set>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(std::size_t workers, const std::string& mode) {
  return {.workers = workers,
          .rules = everybodyMayBe("app"),
          .pools = "  mode: " + mode + "\n  size: 1\n  wait_timeout: 20s\n"};
}

std::string backendPid(Pq& client) { return client.exec("SELECT pg_backend_pid()").value(); }

// Everything that a session can leave behind; each statement shows what a fresh one shows.
void checkClean(Pq& client) {
  CHECK(client.exec("SHOW work_mem").value() == "4MB");
  CHECK(client.exec("SHOW search_path").value() == "\"$user\", public");
  CHECK(client.exec("SELECT count(*) FROM pg_class WHERE relpersistence = 't'").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_prepared_statements WHERE from_sql").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_cursors WHERE is_holdable").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_listening_channels()").value() == "0");
  CHECK(client.exec("SELECT current_setting('my.own', true)").value().empty());
}

void leaveEverythingBehind(Pq& client) {
  for (const char* statement :
       {"SET work_mem = '8MB'", "SET search_path = pg_catalog", "CREATE TEMP TABLE leak (a int)",
        "PREPARE leak AS SELECT 1", "DECLARE leak CURSOR WITH HOLD FOR SELECT 1",
        "SELECT pg_advisory_lock(1)", "LISTEN leak", "SET my.own = 'leak'"}) {
    CAPTURE(statement);
    CHECK(client.exec(statement).ok);
  }
  CHECK(client.prepare("leak2", "SELECT 2").ok);
}

}  // namespace

TEST_CASE("the next client of a server finds nothing of the one before (check 37)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string mode = GENERATE(as<std::string>{}, "session", "transaction");
  CAPTURE(workers, mode);
  const Scene scene(oneServer(workers, mode));
  std::string first_pid;
  {
    Pq first = scene.connect();
    first_pid = backendPid(first);
    leaveEverythingBehind(first);
  }
  Pq second = scene.connect();
  CHECK(backendPid(second) == first_pid);
  checkClean(second);
}

TEST_CASE("state that no command tag shows does not leak between living clients") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  SceneOptions options = oneServer(workers, "transaction");
  options.pools += "  session_state: reset\n";
  const Scene scene(options);
  Pq first = scene.connect();
  Pq second = scene.connect();
  for (const char* statement :
       {"SELECT set_config('work_mem', '8MB', false)", "SELECT pg_advisory_lock(1)",
        "CREATE TEMP TABLE leak (a int)", "DO $$ BEGIN EXECUTE 'LISTEN leak'; END $$",
        "SELECT set_config('my.own', 'leak', false)"}) {
    CAPTURE(statement);
    CHECK(first.exec(statement).ok);
    checkClean(second);
  }
}

TEST_CASE("clients that take turns share one server") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(oneServer(workers, "transaction"));
  Pq first = scene.connect();
  Pq second = scene.connect();
  std::set<std::string> pids;
  for (int i = 0; i < 20; ++i) {
    pids.insert(backendPid(first));
    pids.insert(backendPid(second));
  }
  CHECK(pids.size() == 1);
}

TEST_CASE("what a client set at its startup follows it to a shared server") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(oneServer(workers, "transaction"));
  Pq german =
      scene.connect("user=app dbname=shop application_name=one options='-c DateStyle=German'");
  Pq plain = scene.connect("user=app dbname=shop application_name=two client_encoding=LATIN1");
  for (int i = 0; i < 3; ++i) {
    CHECK(german.exec("SHOW DateStyle").value() == "German, DMY");
    CHECK(german.exec("SHOW application_name").value() == "one");
    CHECK(german.exec("SHOW client_encoding").value() == "UTF8");
    CHECK(plain.exec("SHOW DateStyle").value() == "ISO, MDY");
    CHECK(plain.exec("SHOW application_name").value() == "two");
    CHECK(plain.exec("SHOW client_encoding").value() == "LATIN1");
  }
}

TEST_CASE("a client that changes session state keeps its server, and the others go on") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  SceneOptions options = oneServer(workers, "transaction");
  options.pools = "  mode: transaction\n  size: 2\n";
  const Scene scene(options);
  Pq pinned = scene.connect();
  const std::string how =
      GENERATE(as<std::string>{}, "SET ROLE app", "BEGIN; SET work_mem = '8MB'; COMMIT",
               "PREPARE p AS SELECT 1", "LISTEN news", "CREATE TEMP TABLE t (a int)",
               "SELECT pg_advisory_lock(5)", "DECLARE c CURSOR WITH HOLD FOR SELECT 1");
  CAPTURE(workers, how);
  const std::string before = backendPid(pinned);
  CHECK(pinned.exec(how).ok);
  Pq second = scene.connect();
  Pq third = scene.connect();
  for (int i = 0; i < 5; ++i) {
    CHECK(backendPid(pinned) == before);
    CHECK(backendPid(second) != before);
    CHECK(backendPid(third) != before);
  }
}

TEST_CASE("a transaction keeps its server until its end") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  SceneOptions options = oneServer(workers, "transaction");
  options.pools = "  mode: transaction\n  size: 2\n";
  const Scene scene(options);
  Pq first = scene.connect();
  Pq second = scene.connect();
  REQUIRE(first.exec("BEGIN").ok);
  const std::string pid = backendPid(first);
  REQUIRE(second.exec("BEGIN").ok);
  CHECK(backendPid(second) != pid);
  CHECK(backendPid(first) == pid);
  CHECK(first.exec("SELECT 1/0").sqlstate == "22012");
  CHECK(first.exec("SELECT 1").sqlstate == "25P02");
  CHECK(first.exec("ROLLBACK").ok);
  CHECK(second.exec("COMMIT").ok);
}

TEST_CASE("who waits too long for a server is told so") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  SceneOptions options = oneServer(workers, "transaction");
  options.pools = "  mode: transaction\n  size: 1\n  wait_timeout: 300ms\n";
  const Scene scene(options);
  Pq holder = scene.connect();
  Pq waiting = scene.connect();
  REQUIRE(waiting.connected());
  REQUIRE(holder.exec("BEGIN").ok);
  CHECK(waiting.exec("SELECT 1").sqlstate == "53300");
  CHECK(holder.exec("COMMIT").ok);
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a waiting client gets the server as soon as it is free") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(oneServer(workers, "transaction"));
  Pq holder = scene.connect();
  Pq waiting = scene.connect();
  REQUIRE(holder.exec("BEGIN").ok);
  REQUIRE(PQsendQuery(waiting.get(), "SELECT 42") == 1);
  REQUIRE(PQflush(waiting.get()) == 0);
  CHECK(holder.exec("COMMIT").ok);
  PGresult* result = PQgetResult(waiting.get());
  CHECK(std::string(PQgetvalue(result, 0, 0)) == "42");
  PQclear(result);
}

TEST_CASE("the backend's budget holds over all pools") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 5\n",
               .backend = "    login: trust\n    max_connections: 3\n",
               .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE a OWNER app;"
                          "CREATE DATABASE b OWNER app; CREATE DATABASE c OWNER app;"
                          "CREATE DATABASE d OWNER app; CREATE DATABASE e OWNER app"});
  const ConnectionSampler sampler(scene.postgres(), "app");
  std::vector<Pq> clients;
  for (int round = 0; round < 3; ++round) {
    for (const char* database : {"a", "b", "c", "d", "e"}) {
      Pq& client = clients.emplace_back(scene.connect(std::string("user=app dbname=") + database));
      CHECK(client.exec("SELECT current_database()").value() == database);
    }
  }
  CHECK(sampler.highest() <= 3);
}

TEST_CASE("a client keeps the parameters it asked for when PostgreSQL reloads its configuration") {
  SceneOptions options = oneServer(1, "transaction");
  options.postgres.settings = "timezone = 'UTC'\n";
  Scene scene(options);
  const auto setDefault = [&scene](const std::string& zone) {
    scene.postgres().execute("ALTER SYSTEM SET timezone = '" + zone + "'");
    scene.postgres().execute("SELECT pg_reload_conf()");
  };
  const std::string as_utc = "user=app dbname=shop options='-c TimeZone=UTC'";
  Pq first = scene.connect(as_utc);
  CHECK(first.exec("SHOW timezone").value() == "UTC");  // As the server has it by itself.
  setDefault("Asia/Tokyo");
  {
    Pq indifferent = scene.connect();
    CHECK(eventually([&] { return indifferent.exec("SHOW timezone").value() == "Asia/Tokyo"; }));
    CHECK(first.exec("SHOW timezone").value() == "UTC");
    CHECK(indifferent.exec("SHOW timezone").value() == "Asia/Tokyo");
  }
  setDefault("Europe/Berlin");
  CHECK(
      eventually([&] { return scene.connect().exec("SHOW timezone").value() == "Europe/Berlin"; }));
  Pq third = scene.connect(as_utc);
  CHECK(third.exec("SHOW timezone").value() == "UTC");
  setDefault("Asia/Tokyo");
  // It keeps the server, so nothing is set anew.
  CHECK(eventually(
      [&] { return scene.postgres().superuser().exec("SHOW timezone").value() == "Asia/Tokyo"; }));
  CHECK(third.exec("SELECT pg_sleep(0.05); SHOW timezone").value() == "UTC");
}

}  // namespace peerpool::testing
