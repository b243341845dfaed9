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

  /// Why: what a reload took away, a later one may give back.
  enum class Cause : bool { Revoked, Final };

  /// A later promise replaces the words of an earlier one; the earliest deadline holds.
  void promise(Cause cause, std::string fatal, std::string reason, TimePoint deadline) {
    revoked_only_ = revoked_only_ && cause == Cause::Revoked;
    fatal_ = std::move(fatal);
    reason_ = std::move(reason);
    if (!armed() || deadline < this->deadline()) {
      set(deadline);
    }
  }

  /// May it be forgotten when the session is allowed again?
  [[nodiscard]] bool revokedOnly() const noexcept { return revoked_only_; }

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
  bool revoked_only_ = true;
};

}  // namespace peerpool::postgres
