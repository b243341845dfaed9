// One uid that does its worst: what it writes into the log, and what others feel of it.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <iostream>
#include <thread>

#include "tests/integration/limit_checks.h"

namespace peerpool::testing {
namespace {

using std::chrono::steady_clock;

/// Lines and what they say was held back.
struct Told {
  std::size_t lines = 0;
  std::uint64_t suppressed = 0;
};

Told toldOf(const Scene& scene, std::string_view event, const std::string& uid) {
  Told told;
  for (const LogLine& line : scene.peerpool().events(event)) {
    if (line["uid"] != uid) {
      continue;
    }
    if (line["suppressed"].empty()) {
      ++told.lines;
    } else {
      told.suppressed += std::stoull(line["suppressed"]);
    }
  }
  return told;
}

/// Opens connections as fast as it can until it is told to stop, and says something on each.
class Flood {
 public:
  Flood(std::string path, const Credentials& as)
      : thread_([this, path = std::move(path), as] {
          const ScopedCredentials guard(as);
          while (!stop_) {
            try {
              RawClient client(path);
              client.send(appStartup());
              ++count_;
            } catch (const std::system_error&) {
              // A full backlog: again.
            }
          }
        }) {}
  ~Flood() {
    stop_ = true;
    thread_.join();
  }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> count_{0};
  std::thread thread_;
};

/// The median of the time that a connect and a query take. A full backlog is tried again: libpq
/// does not wait for it.
std::chrono::microseconds connectTime(const Scene& scene, const Credentials& as) {
  std::vector<steady_clock::duration> times;
  for (int i = 0; i < 31; ++i) {
    const auto start = steady_clock::now();
    REQUIRE(eventually([&] {
      Pq client = scene.connect("user=app dbname=shop", as);
      return client.connected() && client.exec("SELECT 1").ok;
    }));
    times.push_back(steady_clock::now() - start);
  }
  std::nth_element(times.begin(), times.begin() + 15, times.end());
  return std::chrono::duration_cast<std::chrono::microseconds>(times[15]);
}

}  // namespace

TEST_CASE("a storm of 1000 denials leaves some lines and a number, which add up") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  // Denied at accept, by the main thread; or at login, by the workers.
  const bool at_login = GENERATE(false, true);
  CAPTURE(workers, at_login);
  Scene scene({.workers = workers,
               .rules = std::string("  - name: some\n    allow: { uid: [61001, ") +
                        (at_login ? "61002" : "61003") +
                        "] }\n    listener: pg\n    databases: [postgres]\n    roles: [app]\n"});
  for (int i = 0; i < 1000; ++i) {
    RawClient client(scene.socketPath(), stranger(1));
    REQUIRE(client.send(appStartup()));
    CHECK(client.receiveUntil('E').back().field('C') == "28000");
  }
  Told told;
  CHECK(eventually([&] {
    told = toldOf(scene, "client denied", "61002");
    return told.lines + told.suppressed >= 1000;
  }));
  CHECK(told.lines + told.suppressed == 1000);
  CHECK(told.lines >= 1);
  CHECK(told.lines <= 500);  // A few in a second, however slow this machine is.
  // Somebody else's denial is not held back because of it.
  static_cast<void>(requireDenied(scene, scene.connect("user=app dbname=shop", stranger(7))));
  scene.stopPeerpool();
}

TEST_CASE("what was held back is in the log when the service ends") {
  if (skipWithoutRoot()) {
    return;
  }
  const Scene scene({.rules = "  - name: some\n    allow: { uid: 61001 }\n    listener: pg\n"
                              "    databases: [shop]\n    roles: [app]\n"});
  for (int i = 0; i < 100; ++i) {
    RawClient client(scene.socketPath(), stranger(1));
    REQUIRE(client.send(appStartup()));
    static_cast<void>(client.receiveUntil('E'));
  }
  const Finished finished = scene.peerpool().stop();
  CHECK(finished.ok());
  const Told told = toldOf(scene, "client denied", "61002");
  CHECK(told.lines + told.suppressed == 100);
}

TEST_CASE(
    "one uid that floods the listener and one that says nothing do not keep others waiting (check "
    "25)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .listener = "    limits: { clients: 60, connect_rate_per_uid: 200/s }\n"});
  const Credentials other = stranger(0);
  const auto quiet = connectTime(scene, other);
  std::vector<RawClient> silent;
  for (int i = 0; i < 100; ++i) {
    silent.emplace_back(scene.socketPath(), stranger(1));
  }
  std::chrono::microseconds stormy{0};
  std::size_t connections = 0;
  const auto cpu_before = cpuTime(scene.peerpool().pid());
  {
    const Flood flood(scene.socketPath(), stranger(2));
    REQUIRE(eventually([&] { return flood.count() >= 10'000; }));
    stormy = connectTime(scene, other);
    connections = flood.count();
  }
  // Its uid was refused by the file, and is let in again.
  CHECK_FALSE(scene.peerpool().events("uid kept out").empty());
  for (const LogLine& line : scene.peerpool().events("uid kept out")) {
    CHECK(line["uid"] == "61003");
  }
  CHECK(eventually([&] { return scene.connect("user=app dbname=shop", stranger(2)).connected(); }));
  const std::chrono::microseconds cpu = cpuTime(scene.peerpool().pid()) - cpu_before;
  std::cout << "connect and query: " << quiet.count() << " us quiet, " << stormy.count()
            << " us in a storm of " << connections << " connections, which cost "
            << static_cast<double>(cpu.count()) / static_cast<double>(connections)
            << " us of CPU each\n";
  // The aim is three times the quiet time. What is above it is a full backlog, which takes time to
  // accept where the cores are shared with others or sanitizers slow us down.
  CHECK(stormy < 3 * quiet + std::chrono::seconds(2));
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
