// When a cancel is said again, told as events with times.

#include "proxy/postgres/late_cancel.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

using namespace peerpool;
using postgres::LateCancel;

namespace {

TimePoint at(int milliseconds) { return TimePoint{} + Duration(milliseconds); }

struct Session final : postgres::CancelledSession {
  void onCancelAgain() override { ++told; }

  event::TimerQueue timers;
  int told = 0;
};

}  // namespace

TEST_CASE("a cancel is said again at growing distances, and not for ever") {
  Session session;
  const LateCancel cancel(session.timers, session, at(1000));
  std::vector<int> said;
  for (int now = 1000; now < 10'000; ++now) {
    const int before = session.told;
    session.timers.fire(at(now));
    if (session.told != before) {
      said.push_back(now - 1000);
    }
  }
  CHECK(said == std::vector<int>{20, 60, 140, 300, 620, 1260, 2540});
  CHECK(session.timers.next() == kNever);
}

TEST_CASE("a cancel is not said again when its request has ended") {
  Session session;
  auto cancel = std::make_unique<LateCancel>(session.timers, session, at(0));
  session.timers.fire(at(20));
  cancel.reset();
  session.timers.fire(at(10'000));
  CHECK(session.told == 1);
}
