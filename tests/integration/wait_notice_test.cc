// A client that waits long for a server is told so, once for each wait, between two answers.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(const std::string& notice, const std::string& rules = {}) {
  return {.rules = rules.empty() ? everybodyMayBe("app") : rules,
          .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 60s\n  wait_notice: " + notice +
                   "\n"};
}

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE_FALSE(client.receiveUntil('Z').empty());
  return client;
}

void answers(RawClient& client, const std::string& sql, const std::string& expected) {
  REQUIRE(client.send(queryMessage(sql)));
  CHECK(typesOf(client.receiveUntil('Z')) == expected);
}

}  // namespace

TEST_CASE("who waits longer than wait_notice for a server is told once, and then served") {
  const Scene scene(oneServer("100ms"));
  RawClient holder = login(scene);
  RawClient waiter = login(scene);
  for (int i = 0; i < 2; ++i) {  // Once for each wait.
    answers(holder, "BEGIN", "CZ");
    REQUIRE(waiter.send(queryMessage("SELECT 1")));
    const std::optional<RawMessage> notice = waiter.receiveMessage();
    REQUIRE(notice);
    CHECK(notice->type == 'N');
    CHECK(notice->field('S') == "NOTICE");
    CHECK(notice->field('V') == "NOTICE");
    CHECK(notice->field('C') == "00000");
    CHECK(notice->field('M') ==
          "no server connection is free yet, waiting for one (pools.wait_notice: 100ms)");
    CHECK(waiter.silentFor(std::chrono::milliseconds(300)));
    answers(holder, "COMMIT", "CZ");
    CHECK(typesOf(waiter.receiveUntil('Z')) == "TDCZ");
  }
  answers(waiter, "SELECT 1", "TDCZ");
}

TEST_CASE("a client that has pipelined is told between its answers") {
  const Scene scene(oneServer("100ms"));
  RawClient holder = login(scene);
  RawClient waiter = login(scene);
  answers(holder, "BEGIN", "CZ");
  REQUIRE(waiter.send(queryMessage("SELECT 1") + queryMessage("SELECT 2")));
  REQUIRE(waiter.receiveUntil('N').back().type == 'N');
  answers(holder, "COMMIT", "CZ");
  CHECK(typesOf(waiter.receiveUntil('Z')) == "TDCZ");
  CHECK(typesOf(waiter.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE("a wait that is switched off or ends in time is not mentioned") {
  const bool off = GENERATE(false, true);
  const Scene scene(oneServer(off ? "0s" : "60s"));
  RawClient holder = login(scene);
  RawClient waiter = login(scene);
  answers(holder, "BEGIN", "CZ");
  REQUIRE(waiter.send(queryMessage("SELECT 1")));
  CHECK(waiter.silentFor(std::chrono::milliseconds(300)));
  answers(holder, "COMMIT", "CZ");
  CHECK(typesOf(waiter.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE("a client that has not logged in yet is told nothing") {
  const Scene scene(oneServer("100ms"));
  RawClient holder = login(scene);
  answers(holder, "BEGIN", "CZ");
  // Other parameters: its login asks the server for them.
  RawClient newcomer(scene.socketPath());
  REQUIRE(newcomer.send(startupPacket(
      0x00030000, {{"user", "app"}, {"database", "shop"}, {"TimeZone", "Asia/Tokyo"}})));
  CHECK(newcomer.silentFor(std::chrono::milliseconds(300)));
  answers(holder, "COMMIT", "CZ");
  const std::vector<RawMessage> welcome = newcomer.receiveUntil('Z');
  REQUIRE_FALSE(welcome.empty());
  CHECK(welcome.front().type == 'R');
  CHECK(typesOf(welcome).find('N') == std::string::npos);
}

TEST_CASE("who waits for the servers of its own uid is told as well, by its rule's wait_notice") {
  const Scene scene(oneServer(
      "60s",
      "  - { name: everybody, allow: anyone, listener: pg, databases: [\"*\"], roles: [app], "
      "pool: { size: 4, wait_notice: 100ms }, limits: { servers_per_uid: 1 } }\n"));
  RawClient holder = login(scene);
  RawClient waiter = login(scene);
  answers(holder, "BEGIN", "CZ");
  REQUIRE(waiter.send(queryMessage("SELECT 1")));
  const std::vector<RawMessage> told = waiter.receiveUntil('N');
  REQUIRE_FALSE(told.empty());
  CHECK(told.back().field('M').find("pools.wait_notice: 100ms") != std::string::npos);
  answers(holder, "COMMIT", "CZ");
  CHECK(typesOf(waiter.receiveUntil('Z')) == "TDCZ");
}

}  // namespace peerpool::testing
