// A storm of events, with a clock of the test's own: what is written and what is held back add up.

#include "proxy/base/storm_gate.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace peerpool {
namespace {

using namespace std::chrono_literals;

StormKey denied(uid_t uid, const std::string& rule = "default") {
  return {"client denied", uid, "rule", rule, "pg"};
}

std::uint64_t sum(const std::vector<StormGate::Held>& held) {
  std::uint64_t total = 0;
  for (const StormGate::Held& one : held) {
    total += one.suppressed;
  }
  return total;
}

TEST_CASE("the first few are written, the others told as a number when the window ends") {
  StormGate gate({3, Duration(1000), 8});
  const TimePoint start(10s);
  std::vector<TimePoint> alarms;
  gate.setAlarm([&](TimePoint due) { alarms.push_back(due); });
  int written = 0;
  for (int i = 0; i < 100; ++i) {
    written += gate.admits(denied(1), start + i * 1ms) ? 1 : 0;
  }
  CHECK(written == 3);
  CHECK(alarms == std::vector<TimePoint>{start + 1s});
  CHECK(gate.due() == start + 1s);
  CHECK(gate.takeHeld(start + 999ms).empty());
  const auto held = gate.takeHeld(start + 1s);
  REQUIRE(held.size() == 1);
  CHECK(held[0].key == denied(1));
  CHECK(held[0].suppressed == 97);
  CHECK(gate.due() == kNever);
  CHECK(gate.takeHeld(kNever).empty());
  CHECK(gate.size() == 0);
  CHECK(gate.admits(denied(1), start + 2s));
}

TEST_CASE("who is denied now and then is always written") {
  StormGate gate({1, Duration(1000), 8});
  for (int i = 0; i < 10; ++i) {
    CHECK(gate.admits(denied(1), TimePoint(i * 1s)));
  }
  CHECK(gate.due() == kNever);
}

TEST_CASE("a storm that does not end is told of in each window, and nothing gets lost") {
  StormGate gate({5, Duration(1000), 8});
  std::uint64_t written = 0;
  std::uint64_t told = 0;
  std::size_t lines = 0;
  TimePoint now(10s);
  for (int i = 0; i < 10'000; ++i, now += 1ms) {
    written += gate.admits(denied(1), now) ? 1u : 0u;
    if (gate.due() <= now) {
      const auto held = gate.takeHeld(now);
      lines += held.size();
      told += sum(held);
    }
  }
  CHECK(written == 50);
  CHECK(lines >= 9);
  CHECK(lines <= 10);
  CHECK(written + told + sum(gate.takeHeld(kNever)) == 10'000);
}

TEST_CASE("what was held back is told on time, even when the next window has begun") {
  StormGate gate({1, Duration(1000), 8});
  const TimePoint start(10s);
  CHECK(gate.admits(denied(1), start));
  CHECK_FALSE(gate.admits(denied(1), start + 999ms));
  CHECK(gate.admits(denied(1), start + 1000ms));
  CHECK_FALSE(gate.admits(denied(1), start + 1001ms));
  CHECK(gate.due() == start + 1s);
  CHECK(sum(gate.takeHeld(start + 1002ms)) == 2);
}

TEST_CASE("keys do not disturb each other, until there are too many") {
  StormGate gate({1, Duration(1000), 4});
  const TimePoint start(10s);
  CHECK(gate.admits(denied(1), start));
  CHECK(gate.admits(denied(2), start));
  CHECK(gate.admits(denied(1, "never"), start));
  CHECK_FALSE(gate.admits(denied(1), start));
  CHECK(gate.admits({"client denied", 1, "rule", "default", "other"}, start));
  // The table is full: further ones share one entry, in which the first is written.
  CHECK(gate.admits(denied(4), start));
  for (uid_t uid = 5; uid < 1000; ++uid) {
    CHECK_FALSE(gate.admits(denied(uid), start));
  }
  CHECK(gate.size() == 5);
  const auto held = gate.takeHeld(start + 1s);
  REQUIRE(held.size() == 2);
  CHECK(sum(held) == 996);
  CHECK(gate.admits(denied(4), start + 1s));  // There is room again.
}

TEST_CASE("threads lose no count") {
  StormGate gate;
  const TimePoint now(10s);
  std::atomic<std::uint64_t> written{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        written += gate.admits(denied(1), now) ? 1u : 0u;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(written == 5);
  CHECK(sum(gate.takeHeld(kNever)) == 3995);
}

}  // namespace
}  // namespace peerpool
