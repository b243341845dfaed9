// The promise to end a session: with what words, and when patience ends. When a session is at rest
// is its own question.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/base/clock.h"
#include "proxy/event/timer_queue.h"

namespace peerpool::postgres {

/// Owned by the session; lives on its worker.
class Leaving final : private event::Timer {
 public:
  /// Ends the session; `fatal` is what the client gets, `reason` is for the log.
  using End = std::function<void(std::string_view fatal, std::string_view reason)>;

  Leaving(event::TimerQueue& timers, End end) : event::Timer(timers), end_(std::move(end)) {}

  /// A later promise replaces the words of an earlier one; the earliest deadline holds.
  void promise(std::string fatal, std::string reason, TimePoint deadline) {
    fatal_ = std::move(fatal);
    reason_ = std::move(reason);
    if (!armed() || deadline < this->deadline()) {
      set(deadline);
    }
  }

  /// The session is at rest.
  void carryOut() {
    cancel();
    end_(fatal_, reason_);
  }

 private:
  void onTimer(TimePoint now) override {
    (void)now;
    end_(fatal_, reason_);
  }

  End end_;
  std::string fatal_;
  std::string reason_;
};

}  // namespace peerpool::postgres
