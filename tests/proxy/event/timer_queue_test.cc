// Timers with a time that the test makes up.

#include "proxy/event/timer_queue.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace peerpool::event {
namespace {

using std::chrono::milliseconds;

TimePoint at(int ms) { return TimePoint() + milliseconds(ms); }

class TestTimer final : public Timer {
 public:
  explicit TestTimer(TimerQueue& queue, std::function<void(TimePoint)> work = {})
      : Timer(queue), work_(std::move(work)) {}
  ~TestTimer() override = default;
  int fired = 0;

 private:
  void onTimer(TimePoint now) override {
    ++fired;
    if (work_) {
      work_(now);
    }
  }
  std::function<void(TimePoint)> work_;
};

TEST_CASE("timers fire in the order of their deadlines, and not before") {
  TimerQueue queue;
  std::vector<int> order;
  TestTimer late(queue, [&](TimePoint) { order.push_back(3); });
  TestTimer early(queue, [&](TimePoint) { order.push_back(1); });
  TestTimer middle(queue, [&](TimePoint) { order.push_back(2); });
  CHECK(queue.next() == kNever);
  late.set(at(30));
  early.set(at(10));
  middle.set(at(20));
  CHECK(queue.next() == at(10));
  queue.fire(at(9));
  CHECK(order.empty());
  queue.fire(at(20));
  CHECK(order == std::vector<int>{1, 2});
  CHECK(queue.next() == at(30));
  CHECK_FALSE(early.armed());
  queue.fire(at(1000));
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(queue.next() == kNever);
}

TEST_CASE("a timer can be moved, cancelled and set to never") {
  TimerQueue queue;
  TestTimer timer(queue);
  timer.set(at(10));
  timer.set(at(50));
  queue.fire(at(20));
  CHECK(timer.fired == 0);
  timer.set(at(5));
  CHECK(queue.next() == at(5));
  timer.cancel();
  timer.cancel();
  queue.fire(at(100));
  timer.set(kNever);
  CHECK_FALSE(timer.armed());
  CHECK(queue.size() == 0);
  CHECK(timer.fired == 0);
}

TEST_CASE("a timer that is set again in its callback waits for the next call") {
  TimerQueue queue;
  TestTimer* self = nullptr;
  TestTimer timer(queue, [&](TimePoint now) { self->set(now - milliseconds(1)); });
  self = &timer;
  timer.set(at(1));
  queue.fire(at(5));
  CHECK(timer.fired == 1);
  CHECK(timer.armed());
  queue.fire(at(5));
  CHECK(timer.fired == 2);
}

TEST_CASE("a callback may cancel, move or destroy timers that are due with it") {
  TimerQueue queue;
  TestTimer cancelled(queue);
  TestTimer moved(queue);
  auto destroyed = std::make_unique<TestTimer>(queue);
  TestTimer first(queue, [&](TimePoint) {
    cancelled.cancel();
    moved.set(at(3));
    destroyed.reset();
  });
  first.set(at(1));
  cancelled.set(at(2));
  moved.set(at(2));
  destroyed->set(at(2));
  queue.fire(at(10));
  CHECK(first.fired == 1);
  CHECK(cancelled.fired == 0);
  CHECK(moved.fired == 0);
  CHECK(queue.next() == at(3));
  queue.fire(at(10));
  CHECK(moved.fired == 1);
}

TEST_CASE("a timer may destroy itself in its callback") {
  TimerQueue queue;
  std::unique_ptr<TestTimer> timer;
  timer = std::make_unique<TestTimer>(queue, [&](TimePoint) {
    // Moved out first: the callable that runs dies with the timer.
    const std::unique_ptr<TestTimer> dying = std::move(timer);
  });
  timer->set(at(1));
  queue.fire(at(1));
  CHECK(timer == nullptr);
  CHECK(queue.size() == 0);
}

TEST_CASE("ten thousand random operations agree with a multimap") {
  std::mt19937 random(7);  // NOLINT: the same numbers each time
  TimerQueue queue;
  std::multimap<TimePoint, std::size_t> expected;
  std::vector<std::size_t> fired;
  std::vector<std::unique_ptr<TestTimer>> timers;
  for (std::size_t i = 0; i < 500; ++i) {
    timers.push_back(
        std::make_unique<TestTimer>(queue, [&fired, i](TimePoint) { fired.push_back(i); }));
  }
  const auto forget = [&](std::size_t index) {
    std::erase_if(expected, [&](const auto& entry) { return entry.second == index; });
  };
  int now = 0;
  for (int step = 0; step < 10'000; ++step) {
    const std::size_t index = random() % timers.size();
    const auto choice = random() % 10;
    if (choice < 7) {
      const TimePoint deadline = at(now + static_cast<int>(random() % 1000) - 20);
      timers[index]->set(deadline);
      forget(index);
      expected.emplace(deadline, index);
    } else if (choice < 9) {
      timers[index]->cancel();
      forget(index);
    } else {
      now += static_cast<int>(random() % 30);
      fired.clear();
      queue.fire(at(now));
      const auto end = expected.upper_bound(at(now));
      std::vector<std::size_t> due;
      std::transform(expected.begin(), end, std::back_inserter(due),
                     [](const auto& entry) { return entry.second; });
      expected.erase(expected.begin(), end);
      const auto earlier = [&](std::size_t a, std::size_t b) {
        return timers[a]->deadline() < timers[b]->deadline();
      };
      REQUIRE(std::is_sorted(fired.begin(), fired.end(), earlier));
      std::sort(fired.begin(), fired.end());
      std::sort(due.begin(), due.end());
      REQUIRE(fired == due);
    }
    REQUIRE(queue.size() == expected.size());
    REQUIRE(queue.next() == (expected.empty() ? kNever : expected.begin()->first));
  }
}

}  // namespace
}  // namespace peerpool::event
