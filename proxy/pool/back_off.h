// A series of failing logins: since when, why, and when to try again.

#pragma once

#include "proxy/base/clock.h"
#include "proxy/base/error.h"

namespace peerpool::pool {

/// Can the failure of a login pass by itself? Yes when the backend is unreachable, slow, starting
/// or stopping (57P01 to 57P03), or full (53300); no when it refused the login or is not the one
/// expected.
[[nodiscard]] bool mayPass(const Error& error) noexcept;

/// Does the failure say something about the backend, or only about one pool's database and role?
/// "Too many connections" (53300) may mean one role's or database's limit.
[[nodiscard]] bool concernsBackend(const Error& error) noexcept;

/// Steps from one attempt to the next: 50 ms, doubling to 250 ms; 100 ms while the backend says
/// that it starts or stops. The longest step plus a login is well below half a second. Success ends
/// the series.
class BackOff {
 public:
  static constexpr Duration kFirst{50};
  static constexpr Duration kStarting{100};
  static constexpr Duration kMost{250};

  /// An attempt begins: the next one comes a step later, even if this one hangs.
  void started(TimePoint now) noexcept;
  /// One attempt failed, which began at `since`. Those that ran side by side count once.
  void failed(const Error& error, TimePoint since, TimePoint now);
  void succeeded() noexcept;
  /// Something has changed: the next attempt may come now, and short steps follow.
  void hurry(TimePoint now) noexcept;

  [[nodiscard]] bool failing() const noexcept { return delay_ != Duration::zero(); }
  /// When the first failed attempt of the series began.
  [[nodiscard]] TimePoint since() const noexcept { return since_; }
  /// When the last failed attempt ended.
  [[nodiscard]] TimePoint lastFailedAt() const noexcept { return last_failed_at_; }
  /// No attempt before this.
  [[nodiscard]] TimePoint retryAt() const noexcept { return retry_at_; }
  /// Of the last failure; empty unless failing().
  [[nodiscard]] const Error& lastError() const noexcept { return last_; }

 private:
  Duration delay_ = Duration::zero();
  TimePoint since_ = TimePoint::min();
  TimePoint last_failed_at_ = TimePoint::min();
  TimePoint retry_at_ = TimePoint::min();
  Error last_;
};

}  // namespace peerpool::pool
