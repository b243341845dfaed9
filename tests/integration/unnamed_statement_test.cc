// The unnamed statement, parsed in one batch and bound in another, as drivers do that ask for the
// types in between (Go's lib/pq).

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

const std::string kParse =
    rawMessage('P', std::string(1, '\0') + "SELECT 'parsed'" + std::string(3, '\0'));
const std::string kDescribe = rawMessage('D', std::string("S\0", 2));
const std::string kBind = rawMessage('B', std::string(8, '\0'));
const std::string kExecute = rawMessage('E', std::string(5, '\0'));
const std::string kSync = rawMessage('S', "");

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

std::string answer(RawClient& client) {
  std::string types;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    types += message.type == 'E' ? "E(" + message.field('C') + ")" : std::string(1, message.type);
  }
  return types;
}

}  // namespace

TEST_CASE("an unnamed statement can be bound in later batches, and the server is free between") {
  const Scene scene({.rules = everybodyMayBe("app"),
                     .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 60s\n"});
  RawClient first = login(scene);
  RawClient second = login(scene);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(first.send(kParse + kDescribe + kSync));
    CHECK(answer(first) == "1tTZ");
    for (int j = 0; j < 2; ++j) {
      REQUIRE(second.send(rawMessage('Q', std::string("SELECT 1\0", 9))));
      CHECK(answer(second) == "TDCZ");
      REQUIRE(first.send(kBind + kExecute + kSync));
      CHECK(answer(first) == "2DCZ");
    }
  }
  REQUIRE(first.send(rawMessage('Q', std::string("SELECT 1\0", 9))));
  CHECK(answer(first) == "TDCZ");
  REQUIRE(second.send(rawMessage('Q', std::string("SELECT 1\0", 9))));
  CHECK(answer(second) == "TDCZ");
  REQUIRE(first.send(kDescribe + kSync));
  CHECK(answer(first) == "E(26000)Z");  // PostgreSQL drops it with a Query.
}

TEST_CASE("an unnamed statement that is too large to be kept holds its server until it is bound") {
  const Scene scene({.rules = everybodyMayBe("app"),
                     .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 60s\n"});
  RawClient first = login(scene);
  RawClient second = login(scene);
  const std::string text = "SELECT '" + std::string(20'000, 'x') + "'";
  REQUIRE(first.send(rawMessage('P', std::string(1, '\0') + text + std::string(3, '\0')) + kSync));
  CHECK(answer(first) == "1Z");
  REQUIRE(second.send(rawMessage('Q', std::string("SELECT 1\0", 9))));
  CHECK(second.silentFor(std::chrono::milliseconds(30)));
  REQUIRE(first.send(kBind + kExecute + kSync));
  CHECK(answer(first) == "2DCZ");
  CHECK(answer(second) == "TDCZ");
}

TEST_CASE("a client that parses and leaves gives the server back") {
  const Scene scene({.rules = everybodyMayBe("app"), .pools = "  mode: transaction\n  size: 1\n"});
  {
    RawClient first = login(scene);
    REQUIRE(first.send(kParse + kSync));
    CHECK(answer(first) == "1Z");
  }
  RawClient second = login(scene);
  REQUIRE(second.send(kBind + kExecute + kSync));
  CHECK(answer(second) == "E(26000)Z");
}

}  // namespace peerpool::testing
