// The clock of a session whose rule limits times: one timer that is rarely moved. What is due is
// SessionLimits' question, what follows the session's.

#pragma once

#include "proxy/event/timer_queue.h"
#include "proxy/postgres/session_limits.h"

namespace peerpool::postgres {

class TimedSession {
 public:
  /// May end the session, which then dies in a later phase of the turn.
  virtual void onLimit(SessionLimits::Due due) = 0;

 protected:
  ~TimedSession() = default;
};

/// Owned by the session; lives on its worker.
class SessionTimer final : private event::Timer {
 public:
  /// `timers` and `session` outlive it.
  SessionTimer(event::TimerQueue& timers, TimedSession& session, const config::RuleLimits& limits,
               TimePoint login)
      : event::Timer(timers), session_(session), limits_(limits, login) {
    update();
  }

  void onWaiting() {
    limits_.onWaiting();
    update();
  }
  void onNothingToDo() {
    limits_.onNothingToDo();
    update();
  }
  void onRequest(TimePoint now) {
    limits_.onRequest(now);
    update();
  }
  void onReady(char status, bool more, TimePoint now) {
    limits_.onReady(status, more, now);
    update();
  }

  void setLimits(const config::RuleLimits& limits) {
    limits_.setLimits(limits);
    update();
  }
  /// A query took too long and is being cancelled.
  [[nodiscard]] bool canceling() const noexcept {
    return limits_.phase() == SessionLimits::Phase::Canceling;
  }
  [[nodiscard]] const config::RuleLimits& limits() const noexcept { return limits_.limits(); }

 private:
  /// A deadline that moved away costs nothing: the timer fires at the old one and finds nothing
  /// due.
  void update() {
    const TimePoint due = limits_.deadline();
    if (due != kNever && (!armed() || due < deadline())) {
      set(due);
    }
  }

  void onTimer(TimePoint now) override {
    const SessionLimits::Due due = limits_.due(now);
    update();
    if (due != SessionLimits::Due::Nothing) {
      session_.onLimit(due);
    }
  }

  TimedSession& session_;
  SessionLimits limits_;
};

}  // namespace peerpool::postgres
