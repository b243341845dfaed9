// Watches for the moments at which the policy changes by itself: windows of rules that begin or
// end, the end of mode: audit. What follows is its owner's business.

#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "auth/admitted.h"
#include "proxy/event/event_loop.h"

namespace peerpool::postgres {

/// Lives on one loop; one timer however many clients there are, and none without such a rule.
class PolicyClock final : private event::Timer {
 public:
  using Wall = std::function<config::Instant()>;

  /// The longest sleep: clocks are set, and machines suspended.
  static constexpr Duration kLongestSleep{10'000};

  /// `on_change` is called when some decision may be another than it was before.
  PolicyClock(event::EventLoop& loop, Wall wall, std::function<void()> on_change)
      : event::Timer(loop.timers()),
        loop_(loop),
        wall_(std::move(wall)),
        on_change_(std::move(on_change)) {}

  /// Watches that policy from now on; says nothing about what differs from the one before.
  void adopt(std::shared_ptr<const auth::Snapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    const config::Instant now = wall_();
    state_ = snapshot_->policy.timeState(now);
    sleep(now);
  }

  /// May time alone change a decision at all?
  [[nodiscard]] bool runs() const noexcept { return armed(); }

 private:
  void onTimer(TimePoint) override {
    const config::Instant now = wall_();
    sleep(now);
    std::vector<bool> state = snapshot_->policy.timeState(now);
    if (std::exchange(state_, state) != state) {
      on_change_();
    }
  }

  void sleep(config::Instant now) {
    const auto stays = snapshot_->policy.staysFor(now);
    if (!stays) {
      cancel();
      return;
    }
    // Windows begin and end with a full second.
    const auto until = std::chrono::floor<std::chrono::seconds>(now) + *stays - now;
    const auto rest = std::chrono::ceil<Duration>(until);
    set(loop_.now() + std::clamp(rest, Duration{1}, kLongestSleep));
  }

  event::EventLoop& loop_;
  Wall wall_;
  std::function<void()> on_change_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  std::vector<bool> state_;
};

}  // namespace peerpool::postgres
