// A backend that goes away and comes back: who is told what, when, and how often it is asked.

#include "tests/proxy/pool/outage.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <deque>
#include <optional>
#include <string>

using namespace peerpool;
using namespace peerpool::pool;

namespace {

const Error kAway{ErrorCode::Unreachable, "connect: No such file", {}, ENOENT};
const Error kStarting{ErrorCode::Refused, "the database system is starting up", "57P03"};
const Error kFull{ErrorCode::Refused, "sorry, too many clients already", "53300"};
const Error kImpostor{ErrorCode::Impostor, "uid 1000"};

}  // namespace

TEST_CASE("A waiting client is told the cause when it has lasted", "[pool][outage]") {
  struct Case {
    const char* name;
    Error error;
    Duration wait_timeout;
    Duration told_after;
  };
  const Case cases[] = {
      {"away", kAway, seconds(30), seconds(5)},
      {"starting", kStarting, seconds(30), seconds(5)},
      {"full", kFull, seconds(30), seconds(5)},
      {"hanging", kHung, seconds(30), seconds(5)},
      {"an impostor", kImpostor, seconds(30), seconds(0)},
      {"impatient", kAway, seconds(2), seconds(2)},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    Outage outage;
    outage.settings.wait_timeout = each.wait_timeout;
    outage.become(each.error);
    Outage::Client& first = outage.ask();
    outage.pass(milliseconds(10));
    Outage::Client& second = outage.ask();
    outage.pass(seconds(20));
    REQUIRE(first.told);
    CHECK(first.cause() == each.error.text);
    CHECK(first.waiter.error->code == each.error.code);
    CHECK(*first.waited >= each.told_after);
    CHECK(*first.waited <= each.told_after + milliseconds(1));
    REQUIRE(second.told);
    CHECK(*second.waited <= each.told_after + milliseconds(1));
    CHECK(outage.pool("shop").stats(outage.now()).wait_timeouts == 0);
    CHECK(outage.worker.awaited["main"] == false);
  }
}

TEST_CASE("A restart that is shorter than connect_timeout is ridden out", "[pool][outage]") {
  for (const Error& error : {kAway, kStarting, kHung}) {
    CAPTURE(error.text);
    Outage outage;
    outage.become(error);
    Outage::Client& first = outage.ask("a");
    outage.pass(seconds(2));
    Outage::Client& second = outage.ask("b");
    outage.pass(milliseconds(2500));
    CHECK_FALSE(first.told);
    outage.become(std::nullopt);
    outage.pass(milliseconds(250));
    CHECK(first.served());
    CHECK(second.served());
  }
}

TEST_CASE("Once an outage lasts, whoever comes is told at once, and the cause is current",
          "[pool][outage]") {
  for (const Error& error : {kAway, kStarting, kImpostor}) {
    CAPTURE(error.text);
    Outage outage;
    outage.become(error);
    (void)outage.ask();
    outage.pass(seconds(6));
    (void)outage.attempts();
    for (int i = 0; i < 100; ++i) {
      Outage::Client& next = outage.ask();
      outage.pass(milliseconds(30));
      REQUIRE(next.told);
      CHECK(next.waited <= milliseconds(1));
    }
    const std::size_t attempts = outage.attempts();
    CHECK(attempts >= 10);  // In 3 s.
    CHECK(attempts <= 31);
    outage.become(kStarting);
    (void)outage.ask();
    outage.pass(milliseconds(250));
    Outage::Client& next = outage.ask();
    outage.pass(milliseconds(250));
    CHECK(next.cause() == kStarting.text);
    outage.become(std::nullopt);
    // A client that comes back each 100 ms is served within 300 ms.
    std::size_t refused = 0;
    while (!outage.ask().served()) {
      outage.pass(milliseconds(100));
      ++refused;
    }
    CHECK(refused <= 3);
  }
}

TEST_CASE("A full backend is told to newcomers too, and given up as soon as it has a place",
          "[pool][outage]") {
  Outage outage;
  outage.become(kFull);
  (void)outage.ask();
  outage.pass(seconds(6));
  for (int i = 0; i < 20; ++i) {
    Outage::Client& next = outage.ask();
    outage.pass(milliseconds(30));
    CHECK(next.cause() == kFull.text);
  }
  outage.become(std::nullopt);
  Outage::Client& next = outage.ask();
  outage.pass(milliseconds(250));
  CHECK((next.served() || outage.ask().served()));
}

TEST_CASE("While a backend hangs, newcomers learn it in a second", "[pool][outage]") {
  Outage outage;
  outage.become(kHung);
  (void)outage.ask();
  outage.pass(milliseconds(5500));
  for (int i = 0; i < 50; ++i) {
    Outage::Client& next = outage.ask();
    outage.pass(milliseconds(1100));
    REQUIRE(next.told);
    CHECK(next.waited <= milliseconds(1001));
  }
  CHECK(outage.attempts() <= 14);  // In 55 s, each for 5 s.
  outage.become(std::nullopt);
  CHECK(outage.ask().served());
}

TEST_CASE("After a quiet time a dead backend is asked before anybody is told", "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  (void)outage.ask();
  outage.pass(hours(1));
  CHECK(outage.attempts() <= 30);  // Nobody has waited since: nobody has asked.
  SECTION("still dead") {
    Outage::Client& first = outage.ask();
    CHECK(outage.attempts() == 1);
    outage.pass(milliseconds(1));
    CHECK(first.told);
  }
  SECTION("back") {
    outage.become(std::nullopt);
    CHECK(outage.ask().served());
  }
  SECTION("hanging now") {
    outage.become(kHung);
    Outage::Client& first = outage.ask();
    outage.pass(seconds(4));
    CHECK_FALSE(first.told);
    outage.pass(seconds(2));
    CHECK(first.cause() == kHung.text);
  }
}

TEST_CASE("Hundreds of pools ask a dead backend no more often than one does", "[pool][outage]") {
  for (const Error& error : {kAway, kStarting, kImpostor}) {
    CAPTURE(error.text);
    Outage outage;
    outage.become(error);
    std::deque<Outage::Client*> clients;
    for (int i = 0; i < 200; ++i) {
      clients.push_back(&outage.ask("db" + std::to_string(i)));
    }
    outage.pass(milliseconds(4500));
    CHECK(outage.attempts() <= 46);
    const bool told_at_once = error.code == ErrorCode::Impostor;
    outage.become(std::nullopt);
    outage.pass(milliseconds(250));
    for (Outage::Client* client : clients) {
      CHECK(client->told == told_at_once);
      CHECK(client->served() != told_at_once);
    }
  }
}

TEST_CASE("What one pool learns is told in all of them", "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  std::deque<Outage::Client*> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(&outage.ask("db" + std::to_string(i)));
  }
  outage.pass(seconds(1));
  outage.become(kImpostor);
  outage.pass(milliseconds(251));
  for (Outage::Client* client : clients) {
    CHECK(client->cause() == kImpostor.text);
  }
}

TEST_CASE("Pools that fail by themselves are spaced, and disturb no other", "[pool][outage]") {
  Outage outage;
  outage.become(kFull);
  for (int i = 0; i < 200; ++i) {
    (void)outage.ask("db" + std::to_string(i));
  }
  (void)outage.attempts();
  outage.pass(seconds(4));
  CHECK(outage.attempts() <= 201);  // 50 each second.
  CHECK(outage.worker.awaited.empty());
  outage.become(std::nullopt);
  Outage::Client& other = outage.ask("other");
  CHECK(other.served());
}

TEST_CASE("A login that hangs in one database says nothing about the others", "[pool][outage]") {
  Outage outage;
  outage.hangOnly("locked");
  Outage::Client& stuck = outage.ask("locked");
  outage.pass(seconds(1));
  CHECK(outage.ask("shop").served());
  outage.pass(seconds(5));
  CHECK(stuck.told);
  CHECK(*stuck.waited <= milliseconds(5001));
  for (int i = 0; i < 10; ++i) {
    CHECK(outage.ask("db" + std::to_string(i)).served());
    (void)outage.ask("locked");
    outage.pass(seconds(1));
  }
}

TEST_CASE("A hang that only one pool has met is not told to a pool that has not asked",
          "[pool][outage]") {
  Outage outage;
  outage.hangOnly("locked");
  (void)outage.ask("locked");
  outage.pass(milliseconds(5001));
  Outage::Client& other = outage.ask("shop");
  outage.pass(milliseconds(300));
  CHECK(other.served());
}

TEST_CASE("The socket's appearance is worth a login at once, and only while clients wait",
          "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  CHECK(outage.worker.awaited.empty());
  Outage::Client& client = outage.ask();
  CHECK(outage.worker.awaited["main"]);
  outage.pass(seconds(3));
  (void)outage.attempts();
  outage.worker.map.hurry("main", outage.now());
  outage.become(std::nullopt);
  CHECK(outage.attempts() == 1);
  CHECK(client.served());
  CHECK_FALSE(outage.worker.awaited["main"]);
  outage.worker.map.hurry("main", outage.now());
  outage.worker.map.hurry("unknown", outage.now());
  CHECK(outage.attempts() == 0);
}

TEST_CASE("A client that leaves ends the asking", "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  Outage::Client& client = outage.ask();
  outage.pass(seconds(1));
  client.waiter.leave();
  outage.pass(seconds(1));
  (void)outage.attempts();
  outage.pass(minutes(1));
  CHECK(outage.attempts() == 0);
  CHECK_FALSE(outage.worker.awaited["main"]);
}

TEST_CASE("For min_size alone a dead backend is asked once a second", "[pool][outage]") {
  Outage outage;
  outage.settings.min_size = 1;
  outage.become(kAway);
  outage.pool("shop").attach(outage.now());
  (void)outage.attempts();
  outage.pass(seconds(60));
  const std::size_t attempts = outage.attempts();
  CHECK(attempts >= 50);
  CHECK(attempts <= 61);
  CHECK(outage.worker.awaited.empty());
}

TEST_CASE("The worker is told of an outage, each cause of it, and its end", "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  (void)outage.ask();
  outage.pass(seconds(2));
  outage.become(kStarting);
  outage.pass(seconds(1));
  outage.become(std::nullopt);
  outage.pass(seconds(1));
  REQUIRE(outage.worker.health.size() == 3);
  CHECK(outage.worker.health[0] == "main: " + kAway.text);
  CHECK(outage.worker.health[1] == "main: " + kStarting.text);
  CHECK(outage.worker.health[2].starts_with("main after 3"));
}

TEST_CASE("The state of an outage shows in a pool's numbers", "[pool][outage]") {
  Outage outage;
  outage.become(kAway);
  (void)outage.ask();
  outage.pass(seconds(2));
  PoolStats stats = outage.pool("shop").stats(outage.now());
  CHECK(stats.last_failure == kAway.text);
  CHECK(stats.backend_fails);
  CHECK(stats.failing_for == seconds(2));
  CHECK(stats.next_attempt <= BackOff::kMost);
  outage.pass(minutes(1));
  stats = outage.pool("shop").stats(outage.now());
  CHECK(stats.failing_for == seconds(62));
  CHECK(stats.next_attempt == milliseconds(0));
}
