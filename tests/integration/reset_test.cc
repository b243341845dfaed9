// RESET, RESET ALL and DISCARD ALL lead back to what the client's startup packet said.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(const std::string& mode) {
  return {.rules = everybodyMayBe("app"), .pools = "  mode: " + mode + "\n  size: 1\n"};
}

constexpr const char* kAsia = "user=app dbname=shop options='-c TimeZone=Asia/Tokyo'";

}  // namespace

TEST_CASE("what a client resets is what it was at the start of its session") {
  const auto [mode, pinned] = GENERATE(table<std::string, bool>(
      {{"transaction", false}, {"transaction", true}, {"session", false}}));
  const std::string reset = GENERATE(
      as<std::string>{}, "RESET TimeZone", "RESET ALL", "DISCARD ALL", "SET TimeZone TO DEFAULT",
      "SET TIME ZONE LOCAL", "RESET TIME ZONE", "SELECT 1; RESET ALL");
  CAPTURE(mode, pinned, reset);
  const Scene scene(oneServer(mode));
  Pq client = scene.connect(kAsia);
  if (pinned) {
    CHECK(client.exec("CREATE TEMP TABLE mine AS SELECT 'mine' AS a").ok);
  }
  CHECK(client.exec("SHOW TimeZone").value() == "Asia/Tokyo");
  for (int i = 0; i < 2; ++i) {
    CHECK(client.exec("SET TimeZone = 'America/Lima'").ok);
    CHECK(std::string(PQparameterStatus(client.get(), "TimeZone")) == "America/Lima");
    CHECK(client.exec(reset).ok);
    CHECK(std::string(PQparameterStatus(client.get(), "TimeZone")) == "Asia/Tokyo");
    CHECK(client.exec("SHOW TimeZone").value() == "Asia/Tokyo");
    CHECK(client.exec(reset).ok);  // Now it leads back from what it leads to.
    CHECK(client.exec("SHOW TimeZone").value() == "Asia/Tokyo");
    CHECK(std::string(PQparameterStatus(client.get(), "TimeZone")) == "Asia/Tokyo");
  }
  if (pinned && reset != "DISCARD ALL") {
    CHECK(client.exec("SELECT a FROM mine").value() == "mine");
  }
}

TEST_CASE("a reset in a transaction that is rolled back changes nothing") {
  const Scene scene(oneServer("transaction"));
  Pq client = scene.connect(kAsia);
  CHECK(client.exec("SET TimeZone = 'America/Lima'").ok);
  CHECK(client.exec("BEGIN").ok);
  CHECK(client.exec("RESET TimeZone").ok);
  CHECK(client.exec("ROLLBACK").ok);
  CHECK(client.exec("SHOW TimeZone").value() == "America/Lima");
  CHECK(std::string(PQparameterStatus(client.get(), "TimeZone")) == "America/Lima");
  CHECK(client.exec("BEGIN").ok);
  CHECK(client.exec("RESET TimeZone").ok);
  CHECK(client.exec("COMMIT").ok);
  CHECK(client.exec("SHOW TimeZone").value() == "Asia/Tokyo");
}

TEST_CASE("who resets what it never said gets what PostgreSQL has") {
  const Scene scene(oneServer("transaction"));
  Pq plain = scene.connect();
  const std::string usual = plain.exec("SHOW TimeZone").value();
  Pq other = scene.connect(kAsia);
  CHECK(other.exec("SHOW TimeZone").value() == "Asia/Tokyo");
  CHECK(plain.exec("SET TimeZone = 'America/Lima'").ok);
  CHECK(plain.exec("RESET ALL").ok);
  CHECK(plain.exec("SHOW TimeZone").value() == usual);
  CHECK(other.exec("SHOW TimeZone").value() == "Asia/Tokyo");
}

}  // namespace peerpool::testing
