// Notices that a session waits long for a server: one timer that is rarely moved, and gone soon
// after the last wait. What the client is told is the session's business.

#pragma once

#include "proxy/event/timer_queue.h"

namespace peerpool::postgres {

class WaitingSession {
 public:
  /// Its wait has lasted for `patience`; comes once for each wait. Must not end the wait.
  virtual void onLongWait(Duration patience) = 0;
  /// It did not wait any more when the timer came: the notice may be destroyed from inside.
  virtual void onNoWait() = 0;

 protected:
  ~WaitingSession() = default;
};

/// Owned by the session from the first wait on; lives on its worker.
class WaitNotice final : private event::Timer {
 public:
  /// `timers` and `session` outlive it.
  WaitNotice(event::TimerQueue& timers, WaitingSession& session)
      : event::Timer(timers), session_(session) {}

  /// A wait begins. No effect while one lasts: it is measured from its beginning.
  void begin(TimePoint now, Duration patience) {
    if (waits_) {
      return;
    }
    waits_ = true;
    patience_ = patience;
    due_ = now + patience;
    // A deadline that moved away costs nothing, as most waits end soon.
    if (!armed() || due_ < deadline()) {
      set(due_);
    }
  }

  /// The wait is over, if there was one. False: onNoWait() will not come, so destroy it.
  [[nodiscard]] bool end() noexcept {
    waits_ = false;
    return armed();
  }

 private:
  void onTimer(TimePoint now) override {
    if (!waits_) {
      session_.onNoWait();
    } else if (now < due_) {
      set(due_);
    } else {
      session_.onLongWait(patience_);
    }
  }

  WaitingSession& session_;
  TimePoint due_;
  Duration patience_{0};
  bool waits_ = false;
};

}  // namespace peerpool::postgres
