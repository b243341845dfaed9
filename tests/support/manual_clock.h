// Time that stands still until a test moves it.

#pragma once

#include "proxy/base/clock.h"

namespace peerpool::testing {

/// Must outlive the loops that were given its reading().
class ManualClock {
 public:
  void advance(Duration time) noexcept { now_ += time; }
  [[nodiscard]] TimePoint now() const noexcept { return now_; }
  /// For EventLoop::Options.
  [[nodiscard]] auto reading() noexcept {
    return [this] { return now_; };
  }

 private:
  TimePoint now_{std::chrono::hours(1000)};
};

}  // namespace peerpool::testing
