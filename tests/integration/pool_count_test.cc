// Clients choose parts of a pool's key: what they choose must not fill the memory.

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <vector>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

constexpr std::size_t kMostPools = 10'000;  // For each worker.

std::string withPath(const std::string& path) {
  return "user=app dbname=shop options='-csearch_path=" + path + "'";
}

// Lines of the table of pools, with its head.
std::size_t pools(Scene& scene) {
  const Finished status = scene.peerpool().status({"pools"});
  INFO(status.describe());
  CHECK(status.ok());
  std::size_t lines = 0;
  for (const char byte : status.output) {
    lines += byte == '\n' ? 1U : 0U;
  }
  return lines;
}

}  // namespace

TEST_CASE("a pool without clients and servers is gone") {
  Scene scene({.rules = everybodyMayBe("app"),
               .backend = "    login: trust\n"
                          "    max_connections: 2\n"});
  const std::size_t none = pools(scene);
  for (int i = 0; i < 20; ++i) {
    Pq client = scene.connect(withPath("path" + std::to_string(i)));
    CHECK(client.exec("SHOW search_path").value() == "path" + std::to_string(i));
  }
  // Those stay that have a server.
  CHECK(eventually([&] { return pools(scene) <= none + 2; }));
}

TEST_CASE("a startup parameter that is too long is refused by its name") {
  Scene scene({.rules = everybodyMayBe("app")});
  CHECK(scene.connect(withPath(std::string(1024, 'x'))).connected());
  const Pq client = scene.connect(withPath(std::string(1025, 'x')));
  CHECK_FALSE(client.connected());
  CHECK(client.sqlstate() == "08P01");
  CHECK(client.error().find("\"search_path\" is longer than 1024 bytes") != std::string::npos);
}

TEST_CASE("a client whose pool would be one too many is told so", "[.long]") {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  if (files.rlim_max < 2 * kMostPools) {
    std::cout << "SKIPPED: needs " << 2 * kMostPools << " descriptors\n";
    return;
  }
  Scene scene({.rules = everybodyMayBe("app"),
               .pools = "  size: 1\n  wait_timeout: 10m\n",
               .backend = "    login: trust\n    connect_timeout: 10m\n",
               .process = ", max_clients: 12000"});
  const auto ask = [&scene](std::size_t number) {
    RawClient client(scene.socketPath());
    REQUIRE(client.send(startupPacket(
        0x00030000,
        {{"user", "app"}, {"database", "shop"}, {"search_path", std::to_string(number)}})));
    return client;
  };
  scene.postgres().freeze();
  std::vector<RawClient> waiting;
  for (std::size_t i = 0; i < kMostPools; ++i) {
    waiting.push_back(ask(i));
  }
  // The others may be on their way still: one that comes behind them all is asked about.
  static_cast<void>(scene.peerpool().waitForEvents("client login", kMostPools));
  RawClient last = ask(kMostPools);
  const std::vector<RawMessage> answer = last.receiveUntil('E');
  REQUIRE_FALSE(answer.empty());
  CHECK(answer.back().field('C') == "53300");
  CHECK(answer.back().field('M') == "too many different pools");
  CHECK(last.receiveUntilClosed() == "");
  CHECK(scene.peerpool().waitForEvents("client refused", 1).size() == 1);
  CHECK(waiting.front().silentFor(std::chrono::milliseconds(0)));
  waiting.clear();
  scene.postgres().thaw();
  CHECK(scene.connect().exec("SELECT 1").ok);
}

}  // namespace peerpool::testing
