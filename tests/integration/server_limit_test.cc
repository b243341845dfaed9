// servers_per_uid: how many servers one uid's clients of a rule hold at once, and who waits.

#include <catch2/catch.hpp>

#include "tests/integration/limit_checks.h"

namespace peerpool::testing {
namespace {

SceneOptions twoServersEach(std::size_t workers, const std::string& wait_timeout = "20s") {
  return {.workers = workers,
          .rules = everybodyMayBe("app", "    limits: { servers_per_uid: 2 }\n"),
          .pools = "  mode: transaction\n  size: 8\n  wait_timeout: " + wait_timeout + "\n",
          .prepare =
              "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app;"
              "CREATE DATABASE other OWNER app; CREATE DATABASE third OWNER app;"};
}

Pq sessionOf(const Scene& scene, unsigned index, const std::string& database = "shop") {
  Pq session = scene.connect("user=app dbname=" + database, stranger(index));
  INFO(session.error());
  REQUIRE(session.connected());
  return session;
}

void begin(Pq& session) { REQUIRE(session.exec("BEGIN").ok); }

void sendQuery(const Pq& session, const char* sql) {
  REQUIRE(PQsendQuery(session.get(), sql) == 1);
  REQUIRE(PQflush(session.get()) == 0);
}

bool answers(const Pq& session) {
  REQUIRE(PQconsumeInput(session.get()) == 1);
  return PQisBusy(session.get()) == 0;
}

std::string takeAnswer(const Pq& session) {
  std::string value;
  while (PGresult* result = PQgetResult(session.get())) {
    if (PQntuples(result) > 0) {
      value = PQgetvalue(result, 0, 0);
    }
    PQclear(result);
  }
  return value;
}

/// Waits until so many clients are "waiting" or "active".
bool untilSo(const Scene& scene, const std::string& state, std::size_t wanted) {
  return eventually([&] {
    const std::string json = scene.peerpool().status({"--json", "clients"}).output;
    std::size_t count = 0;
    for (std::size_t at = json.find('"' + state + '"'); at != std::string::npos;
         at = json.find('"' + state + '"', at + 1)) {
      ++count;
    }
    return count == wanted;
  });
}

}  // namespace

TEST_CASE(
    "a uid that holds as many servers as it may waits for one of them over all its pools (check "
    "29)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(twoServersEach(workers));
  Pq first = sessionOf(scene, 0, "shop");
  Pq second = sessionOf(scene, 0, "other");
  Pq third = sessionOf(scene, 0, "third");
  Pq fourth = sessionOf(scene, 0, "shop");
  begin(first);
  begin(second);
  sendQuery(third, "SELECT 3");
  REQUIRE(untilSo(scene, "waiting", 1));
  sendQuery(fourth, "SELECT 4");
  REQUIRE(untilSo(scene, "waiting", 2));
  // Another uid shares the pools, but not the limit.
  Pq other = sessionOf(scene, 1);
  CHECK(other.exec("SELECT 1").value() == "1");
  CHECK_FALSE(answers(third));
  CHECK_FALSE(answers(fourth));
  CHECK(first.exec("COMMIT").ok);
  CHECK(takeAnswer(third) == "3");
  CHECK(takeAnswer(fourth) == "4");  // Served with the server's right that the third gave back.
  CHECK(first.exec("SELECT 5").value() == "5");
  CHECK(second.exec("COMMIT").ok);
  CHECK(hitsOf(scene, "rules.limits.servers_per_uid") == 0);
  scene.stopPeerpool();
}

TEST_CASE("who waits longer than wait_timeout for its uid's server is told which setting it is") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(twoServersEach(workers, "300ms"));
  Pq first = sessionOf(scene, 0);
  Pq second = sessionOf(scene, 0, "other");
  Pq third = sessionOf(scene, 0, "third");
  begin(first);
  begin(second);
  const QueryResult refused = third.exec("SELECT 1");
  CHECK(refused.sqlstate == "53300");
  CHECK(says(refused.message,
             "too many servers in use (rules.\"everybody\".limits.servers_per_uid: 2)"));
  CHECK(hitsOf(scene, "rules.limits.servers_per_uid") == 1);
  CHECK(hitsOf(scene, "pools.wait_timeout") == 0);
  CHECK(first.exec("COMMIT").ok);
  CHECK(sessionOf(scene, 0, "third").exec("SELECT 1").ok);
  scene.stopPeerpool();
}

TEST_CASE("rights come back from clients that die, wait, or are in the middle of something") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(twoServersEach(workers));
  for (int round = 0; round < 4; ++round) {
    std::vector<Pq> dying;
    for (const char* database : {"shop", "other", "third", "shop"}) {
      dying.push_back(sessionOf(scene, 0, database));
    }
    begin(dying[0]);
    sendQuery(dying[1], "SELECT pg_sleep(60)");
    REQUIRE(untilSo(scene, "active", 2));
    sendQuery(dying[2], "SELECT 1");
    sendQuery(dying[3], "SELECT 1");
    REQUIRE(untilSo(scene, "waiting", 2));
  }
  Pq first = sessionOf(scene, 0, "third");
  Pq second = sessionOf(scene, 0, "third");
  begin(first);
  begin(second);
  CHECK(first.exec("COMMIT").ok);
  CHECK(second.exec("COMMIT").ok);
}

TEST_CASE(
    "a limited uid's many clients never have more transactions open than it may have servers") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(twoServersEach(workers));
  const std::string script = scene.directory() / "script.sql";
  writeFile(script,
            "BEGIN;\n"
            "SELECT 1 / (count(*) <= 2)::int FROM pg_stat_activity WHERE usename = 'app'"
            " AND xact_start IS NOT NULL AND query NOT LIKE 'DISCARD%';\n"
            "COMMIT;\n");
  Command bench = scene.client({"pgbench", "-n", "-c", "8", "-j", "2", "-t", "200", "-f", script});
  bench.run_as = stranger(0);
  const Finished finished = run(bench);
  INFO(finished.describe());
  CHECK(finished.ok());
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
