// When to try the next login after one that failed.

#pragma once

#include <string>

#include "proxy/base/clock.h"
#include "proxy/base/error.h"

namespace peerpool::pool {

/// Can the failure of a login pass by itself? Yes when the backend is unreachable, slow, starting
/// or stopping (57P01 to 57P03), or full (53300); no when it refused the login or is not the one
/// expected.
[[nodiscard]] bool mayPass(const Error& error) noexcept;

/// 50 ms after the first failure, doubling to 1 s; success ends it.
class BackOff {
 public:
  static constexpr Duration kFirst{50};
  static constexpr Duration kMost{1000};

  /// Failures of attempts that ran side by side count once.
  void failed(const Error& error, TimePoint now);
  void succeeded() noexcept;

  [[nodiscard]] bool failing() const noexcept { return delay_ != Duration::zero(); }
  /// No attempt before this.
  [[nodiscard]] TimePoint retryAt() const noexcept { return retry_at_; }
  /// Of the last failure; empty unless failing().
  [[nodiscard]] const Error& lastError() const noexcept { return last_; }

 private:
  Duration delay_ = Duration::zero();
  TimePoint retry_at_ = TimePoint::min();
  Error last_;
};

}  // namespace peerpool::pool
