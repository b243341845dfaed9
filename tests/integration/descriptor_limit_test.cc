// The end of descriptors: planned for, and survived when it comes all the same.

#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <regex>
#include <thread>

#include "tests/integration/limit_checks.h"

namespace peerpool::testing {
namespace {

/// CPU use of `pid` over two seconds, in per cent of one core.
double cpuUse(pid_t pid) {
  using std::chrono::steady_clock;
  const auto start = steady_clock::now();
  const auto before = cpuTime(pid);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // Is measured, not waited for.
  const std::chrono::duration<double, std::milli> used = cpuTime(pid) - before;
  return 100.0 * used / (steady_clock::now() - start);
}

/// How many it has open.
std::size_t openDescriptors(pid_t pid) {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// The lowest number that it has free.
rlim_t firstFreeDescriptor(pid_t pid) {
  rlim_t number = 0;
  while (::access(("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(number)).c_str(),
                  F_OK) == 0) {
    ++number;
  }
  return number;
}

void limitDescriptors(pid_t pid, rlim_t most) {
  rlimit limit{};
  REQUIRE(::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) == 0);
  limit.rlim_cur = most;
  REQUIRE(::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

}  // namespace

TEST_CASE("fewer clients are let in than there are descriptors, and the refused are told why") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .backend = "    login: trust\n    max_connections: 10\n",
               .descriptors = 400});
  const auto warnings = scene.peerpool().events("too few descriptors");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0]["limit"] == "400");
  const std::size_t most = std::stoul(warnings[0]["for_clients"]);
  CHECK(scene.peerpool().events("ready").at(0)["max_clients"] == warnings[0]["for_clients"]);
  Pq established = scene.connect();
  REQUIRE(established.exec("SELECT 1").ok);
  std::vector<RawClient> clients;
  for (std::size_t i = 1; i < most; ++i) {
    clients.emplace_back(scene.socketPath());
    REQUIRE(clients.back().send(appStartup()));
  }
  for (RawClient& client : clients) {
    REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  }
  std::vector<RawClient> too_many;
  for (int i = 0; i < 10; ++i) {
    too_many.emplace_back(scene.socketPath());  // They say nothing, and wait.
  }
  const double use = cpuUse(scene.peerpool().pid());
  std::cout << "CPU with " << most << " clients, which is all there may be: " << use << " %\n";
  CHECK(use < 5.0);
  CHECK(established.exec("SELECT 1").ok);
  CHECK(openDescriptors(scene.peerpool().pid()) < 400);
  checkRefused(scene.connect(), "too many clients (process.max_clients: 10000, lowered to " +
                                    std::to_string(most) + " by RLIMIT_NOFILE: 400)");
  CHECK(scene.peerpool().events("accept failed").empty());
  too_many.clear();
  clients.clear();
  CHECK(eventually([&] { return scene.connect().connected(); }));
  scene.stopPeerpool();
}

TEST_CASE("a reload that gives backends more descriptors leaves fewer to clients, and back") {
  Scene scene({.rules = everybodyMayBe("app"),
               .backend = "    login: trust\n    max_connections: 10\n",
               .descriptors = 400});
  const Pq established = scene.connect();
  const std::string config = scene.config();
  const auto reloadWith = [&](const std::string& most) {
    scene.peerpool().replaceConfig(
        std::regex_replace(config, std::regex("max_connections: 10"), "max_connections: " + most));
    const Finished finished = scene.peerpool().reload();
    INFO(finished.describe());
    REQUIRE(finished.ok());
  };
  reloadWith("390");
  const auto warnings = scene.peerpool().waitForEvents("too few descriptors", 2);
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[1]["for_servers"] == "390");
  CHECK(warnings[1]["for_clients"] == "1");
  checkRefused(scene.connect(),
               "too many clients (process.max_clients: 10000, lowered to 1 by "
               "RLIMIT_NOFILE: 400)");
  reloadWith("10");
  CHECK(scene.connect().connected());
}

TEST_CASE(
    "with no descriptor left newcomers are closed sessions work and the CPU rests (check 26)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .listener = "    limits: { login_timeout: 1h }\n"});
  const pid_t pid = scene.peerpool().pid();
  Pq established = scene.connect();
  REQUIRE(established.exec("SELECT 1").ok);
  // Somebody takes away all that it does not have yet.
  limitDescriptors(pid, firstFreeDescriptor(pid));
  std::vector<RawClient> newcomers;
  for (int i = 0; i < 20; ++i) {
    newcomers.emplace_back(scene.socketPath());
  }
  for (RawClient& newcomer : newcomers) {
    CHECK(newcomer.receiveUntilClosed().value_or("still open").empty());
  }
  newcomers.clear();
  for (int i = 0; i < 20; ++i) {
    newcomers.emplace_back(scene.socketPath());
  }
  const double use = cpuUse(pid);
  std::cout << "CPU without a descriptor: " << use << " %\n";
  CHECK(use < 5.0);
  CHECK(established.exec("SELECT 1").ok);
  CHECK_FALSE(scene.peerpool().waitForEvents("accept failed", 1).empty());
  limitDescriptors(pid, 1024);
  CHECK(eventually([&] { return scene.connect().connected(); }));
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
