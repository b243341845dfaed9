// The loop lives in the time of the clock it is given.

#include "tests/support/manual_clock.h"

#include <catch2/catch.hpp>

#include "proxy/event/event_loop.h"

namespace peerpool::event {
namespace {

class Alarm final : public Timer {
 public:
  explicit Alarm(TimerQueue& queue) : Timer(queue) {}
  TimePoint rang{};

 private:
  void onTimer(TimePoint now) override { rang = now; }
};

TEST_CASE("A timer fires when the loop's clock says so, and not before") {
  testing::ManualClock clock;
  EventLoop::Options options;
  options.clock = clock.reading();
  EventLoop loop(options);
  REQUIRE(loop.now() == clock.now());
  Alarm alarm(loop.timers());
  alarm.set(clock.now() + std::chrono::hours(1));
  clock.advance(std::chrono::hours(1) - Duration(1));
  loop.turn(TimePoint::min());
  CHECK(alarm.rang == TimePoint());
  clock.advance(Duration(1));
  loop.turn(TimePoint::min());
  CHECK(alarm.rang == clock.now());
  CHECK(loop.now() == clock.now());
}

}  // namespace
}  // namespace peerpool::event
