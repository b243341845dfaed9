// When a wait is called long, told as events with times.

#include "proxy/postgres/wait_notice.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace peerpool;
using postgres::WaitNotice;

namespace {

TimePoint at(int milliseconds) { return TimePoint{} + Duration(milliseconds); }

struct Session final : postgres::WaitingSession {
  void onLongWait(Duration patience) override {
    ++told;
    told_patience = patience;
  }
  void onNoWait() override { notice.reset(); }

  void begin(int now, Duration patience = Duration(100)) {
    if (notice == nullptr) {
      notice = std::make_unique<WaitNotice>(timers, *this);
    }
    notice->begin(at(now), patience);
  }
  void end() {
    if (notice != nullptr && !notice->end()) {
      notice.reset();
    }
  }

  event::TimerQueue timers;
  std::unique_ptr<WaitNotice> notice;
  int told = 0;
  Duration told_patience{0};
};

}  // namespace

TEST_CASE("a wait is called long once, when it has lasted long enough") {
  Session session;
  session.begin(0);
  session.timers.fire(at(99));
  CHECK(session.told == 0);
  session.timers.fire(at(100));
  CHECK(session.told == 1);
  CHECK(session.told_patience == Duration(100));
  session.begin(150);  // Still the same: the server that it got was of no use.
  session.timers.fire(at(10'000));
  CHECK(session.told == 1);
  CHECK(session.timers.next() == kNever);
  session.end();
  CHECK(session.notice == nullptr);
  session.begin(20'000);
  session.timers.fire(at(20'100));
  CHECK(session.told == 2);
}

TEST_CASE("waits that end in time are never called long, however many there are") {
  Session session;
  for (int now = 0; now < 1'000; now += 60) {
    session.timers.fire(at(now));
    session.begin(now);
    session.timers.fire(at(now + 50));
    session.end();
  }
  CHECK(session.told == 0);
  session.begin(1'000);
  session.timers.fire(at(1'099));
  CHECK(session.told == 0);
  session.timers.fire(at(1'100));
  CHECK(session.told == 1);
}

TEST_CASE("a session that does not wait any more is rid of its notice") {
  Session session;
  session.begin(0);
  session.end();
  REQUIRE(session.notice != nullptr);  // Perhaps it waits again.
  session.timers.fire(at(100));
  CHECK(session.notice == nullptr);
  CHECK(session.timers.size() == 0);
  CHECK(session.told == 0);
}

TEST_CASE("a wait with less patience than the one before is called long in time") {
  Session session;
  session.begin(0, Duration(1'000));
  session.end();
  session.begin(10, Duration(20));
  session.timers.fire(at(30));
  CHECK(session.told == 1);
  session.end();
  session.begin(40, Duration(1'000));
  session.timers.fire(at(1'039));
  CHECK(session.told == 1);
}
