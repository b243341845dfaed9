// The end of the service, asked for and not.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

using Clock = std::chrono::steady_clock;

std::string startup() { return startupPacket(0x30000, {{"user", "app"}, {"database", "shop"}}); }

/// SQLSTATE of the next ErrorResponse, whatever comes before it; empty when none comes.
std::string nextError(RawClient& client) {
  const std::vector<RawMessage> messages = client.receiveUntil('E');
  return messages.empty() || messages.back().type != 'E' ? "" : messages.back().field('C');
}

TEST_CASE("a stop ends idle clients at once and lets others finish their transaction") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  RawClient idle(scene.socketPath());
  REQUIRE(idle.send(startup()));
  REQUIRE(idle.receiveUntil('Z').back().type == 'Z');
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  scene.peerpool().signal(SIGTERM);
  CHECK(nextError(idle) == "57P01");
  CHECK(eventually([&] { return !exists(scene.socketPath()); }));
  CHECK_FALSE(scene.connect().connected());
  CHECK(busy.exec("SELECT 2").value() == "2");
  CHECK(scene.peerpool().running());
  CHECK(busy.exec("COMMIT").ok);
  const Finished finished = scene.peerpool().wait();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK_FALSE(busy.exec("SELECT 1").ok);
  CHECK(eventually([&] {
    return scene.postgres()
               .execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")
               .value() == "0";
  }));
}

TEST_CASE("a stop opens no servers to keep up min_size") {
  Scene scene({.rules = everybodyMayBe("app"), .pools = "  min_size: 3\n  size: 3\n"});
  const Pq client = scene.connect();
  REQUIRE(client.connected());
  REQUIRE(scene.peerpool().waitForEvents("server opened", 3).size() == 3);
  scene.peerpool().signal(SIGTERM);
  CHECK(scene.peerpool().wait().exit_code == 0);
  CHECK(scene.peerpool().events("server opened").size() == 3);
}

TEST_CASE("a query that runs when the stop comes gets its answer") {
  Scene scene({.rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  std::thread stopper([&] {
    static_cast<void>(eventually([&] {
      return scene.postgres()
                 .execute(
                     "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.7)%' "
                     "AND usename = 'app' AND state = 'active'")
                 .value() == "1";
    }));
    scene.peerpool().signal(SIGTERM);
  });
  CHECK(client.exec("SELECT 'answer' FROM pg_sleep(0.7)").value() == "answer");
  stopper.join();
  CHECK(scene.peerpool().wait().exit_code == 0);
}

TEST_CASE("shutdown_timeout ends those who do not come to rest") {
  Scene scene({.rules = everybodyMayBe("app")});
  scene.stopPeerpool();
  const std::string config = scene.config();
  const std::size_t at = config.find("workers: 1");
  Peerpool peerpool(scene.directory(),
                    std::string(config).replace(at, 10, "workers: 1, shutdown_timeout: 300ms"));
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  peerpool.signal(SIGTERM);
  const Finished finished = peerpool.wait();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK_FALSE(busy.exec("SELECT 1").ok);
}

TEST_CASE("a second TERM, an INT and a QUIT end at once") {
  const int signal = GENERATE(SIGTERM, SIGINT, SIGQUIT);
  Scene scene({.rules = everybodyMayBe("app")});
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  if (signal == SIGTERM) {
    scene.peerpool().signal(SIGTERM);
    REQUIRE(scene.peerpool().waitForEvents("draining", 1).size() == 1);
  }
  const auto begin = Clock::now();
  scene.peerpool().signal(signal);
  const Finished finished = scene.peerpool().wait();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK(Clock::now() - begin < std::chrono::seconds(20));  // Not shutdown_timeout's 30 s.
  CHECK_FALSE(busy.exec("SELECT 1").ok);
  CHECK_FALSE(exists(scene.socketPath()));
}

TEST_CASE("who has connected but said nothing is told 57P03 when the service stops") {
  Scene scene({.rules = everybodyMayBe("app")});
  RawClient silent(scene.socketPath());
  RawClient late(scene.socketPath());
  Pq logged_in = scene.connect();  // Those before it have been accepted.
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  scene.peerpool().signal(SIGTERM);
  REQUIRE(scene.peerpool().waitForEvents("draining", 1).size() == 1);
  static_cast<void>(late.send(startup()));
  const std::string told = nextError(late);
  CHECK((told == "57P03" || told == "57P01"));  // The latter if it was quicker than the stop.
  CHECK(nextError(silent) == "57P03");
  CHECK(busy.exec("COMMIT").ok);
  CHECK(scene.peerpool().wait().exit_code == 0);
}

TEST_CASE(
    "who says nothing does not hold up the stop, even if the stop found it in the backlog (check "
    "27)") {
  const bool accepted = GENERATE(true, false);
  CAPTURE(accepted);
  Scene scene({.rules = everybodyMayBe("app"), .listener = "    limits: { login_timeout: 60s }\n"});
  if (!accepted) {
    scene.peerpool().signal(SIGSTOP);
  }
  const RawClient silent(scene.socketPath());
  if (accepted) {
    REQUIRE(scene.connect().connected());  // So is who came before it.
  }
  const auto begin = Clock::now();
  scene.peerpool().signal(SIGTERM);
  scene.peerpool().signal(SIGCONT);
  const Finished finished = scene.peerpool().wait();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK(Clock::now() - begin < std::chrono::seconds(20));  // Not shutdown_timeout's 30 s.
}

TEST_CASE("a reload does not open the doors of a service that stops") {
  const bool under_way = GENERATE(false, true);
  CAPTURE(under_way);
  Scene scene({.rules = everybodyMayBe("app")});
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  if (under_way) {
    scene.peerpool().signal(SIGSTOP);  // Both are there when it goes on; HUP is read first.
    scene.peerpool().signal(SIGHUP);
    scene.peerpool().signal(SIGTERM);
    scene.peerpool().signal(SIGCONT);
  } else {
    scene.peerpool().signal(SIGTERM);
    REQUIRE(scene.peerpool().waitForEvents("draining", 1).size() == 1);
    const Finished refused = scene.peerpool().reload();
    INFO(refused.describe());
    CHECK(refused.exit_code == 78);
    CHECK(refused.errors.find("the service is stopping") != std::string::npos);
  }
  INFO(scene.peerpool().log());
  CHECK(scene.peerpool().waitForEvents("reload refused", 1).size() == 1);
  CHECK(scene.peerpool().events("reloaded").empty());
  CHECK_FALSE(exists(scene.socketPath()));
  CHECK(busy.exec("COMMIT").ok);
  CHECK(scene.peerpool().wait().exit_code == 0);
  CHECK(filesIn(scene.socketDirectory()).empty());
}

TEST_CASE("after kill -9 the next start works at once, and leaves nothing of the first") {
  Scene scene({.rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT 1").ok);
  scene.peerpool().signal(SIGKILL);
  (void)scene.peerpool().wait();
  CHECK(exists(scene.socketPath()));
  scene.startPeerpool();
  CHECK(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
  CHECK(filesIn(scene.socketDirectory()).empty());
}

}  // namespace
}  // namespace peerpool::testing
