// Repeats a cancel that the backend may not have heard. What is cancelled is the session's
// business.

#pragma once

#include "proxy/event/timer_queue.h"

namespace peerpool::postgres {

class CancelledSession {
 public:
  /// The request that was to be cancelled has not ended. Must not end the session at once.
  virtual void onCancelAgain() = 0;

 protected:
  ~CancelledSession() = default;
};

/// For a request that waited for a server. Who cancels it believes that it has been running for all
/// that time, but it may just have begun, or a driver that sends it in two parts may have one still
/// to send; PostgreSQL ignores a cancel that comes while it reads. Owned by the session until the
/// request ends; lives on its worker.
class LateCancel final : private event::Timer {
 public:
  /// The first one comes after kFirst, each next one after twice the time.
  static constexpr Duration kFirst{20};
  /// How often it is said again at most: for 2.5 s.
  static constexpr int kMost = 7;

  /// `timers` and `session` outlive it.
  LateCancel(event::TimerQueue& timers, CancelledSession& session, TimePoint now)
      : event::Timer(timers), session_(session) {
    set(now + pause_);
  }

 private:
  void onTimer(TimePoint now) override {
    if (++said_ < kMost) {
      pause_ *= 2;
      set(now + pause_);
    }
    session_.onCancelAgain();
  }

  CancelledSession& session_;
  Duration pause_ = kFirst;
  int said_ = 0;
};

}  // namespace peerpool::postgres
