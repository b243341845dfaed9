// What all pools of one backend know together: does it answer, and whose turn is it to find out.

#pragma once

#include <cstddef>

#include "proxy/base/clock.h"
#include "proxy/base/error.h"
#include "proxy/pool/back_off.h"

namespace peerpool::pool {

/// One for each backend and worker, so that hundreds of pools do not each ask a backend that is
/// down. While it fails, one attempt is made at a time; the next may begin when the last one hangs
/// for longer than a step. Pools that fail by themselves (their role or database is refused, while
/// the backend answers) are spaced.
class BackendHealth {
 public:
  /// Between attempts of pools that fail by themselves.
  static constexpr Duration kSpacing{20};

  /// `connect_timeout`: of the backend; a client waits that long before it is told that the backend
  /// fails.
  explicit BackendHealth(Duration connect_timeout) noexcept : connect_timeout_(connect_timeout) {}

  void setConnectTimeout(Duration connect_timeout) noexcept { connect_timeout_ = connect_timeout; }
  [[nodiscard]] Duration connectTimeout() const noexcept { return connect_timeout_; }

  /// May a pool try to log in? `alone`: its own attempts have been failing.
  [[nodiscard]] bool mayStart(bool alone, TimePoint now) const noexcept {
    return now >= startAt(alone);
  }
  /// From when on it may.
  [[nodiscard]] TimePoint startAt(bool alone) const noexcept;

  /// Each started attempt ends in one of the following.
  void started(TimePoint now) noexcept;
  void loggedIn(TimePoint now) noexcept;
  /// True: the backend fails, for all pools. False: it answered, and has something against this
  /// pool; or this login hung while others went through.
  [[nodiscard]] bool failed(const Error& error, TimePoint now);
  /// The pool that began it dies.
  void forgotten() noexcept { --under_way_; }

  /// The backend's address has changed: worth an attempt now.
  void hurry(TimePoint now) noexcept { series_.hurry(now); }

  [[nodiscard]] bool failing() const noexcept { return series_.failing(); }
  [[nodiscard]] const BackOff& series() const noexcept { return series_; }
  /// Logins of all pools that have not ended.
  [[nodiscard]] std::size_t underWay() const noexcept { return under_way_; }
  /// When an attempt began that failed now: one that hung has been failing since then.
  [[nodiscard]] TimePoint begunAt(const Error& error, TimePoint now) const noexcept;
  /// Does it fail by hanging? Then it may be one pool's trouble: a locked catalog keeps logins of
  /// one database waiting.
  [[nodiscard]] bool hangs() const noexcept;

 private:
  Duration connect_timeout_;
  BackOff series_;
  TimePoint answered_at_ = TimePoint::min();
  TimePoint spaced_until_ = TimePoint::min();
  std::size_t under_way_ = 0;
};

}  // namespace peerpool::pool
