// One series of failures for all pools of a backend.

#include "proxy/pool/backend_health.h"

#include <cerrno>

#include "proxy/base/check.h"

namespace peerpool::pool {

TimePoint BackendHealth::startAt(bool alone) const noexcept {
  if (failing()) {
    return series_.retryAt();
  }
  return alone ? spaced_until_ : TimePoint::min();
}

void BackendHealth::started(TimePoint now) noexcept {
  ++under_way_;
  series_.started(now);
  spaced_until_ = now + kSpacing;
}

void BackendHealth::loggedIn(TimePoint now) noexcept {
  check(under_way_ > 0, "an attempt ends that was not started");
  --under_way_;
  answered_at_ = now;
  series_.succeeded();
}

bool BackendHealth::failed(const Error& error, TimePoint now) {
  check(under_way_ > 0, "an attempt ends that was not started");
  --under_way_;
  if (!concernsBackend(error)) {
    answered_at_ = now;
    series_.succeeded();
    return false;
  }
  const TimePoint begun_at = begunAt(error, now);
  if (begun_at < answered_at_) {
    return false;
  }
  series_.failed(error, begun_at, now);
  return true;
}

TimePoint BackendHealth::begunAt(const Error& error, TimePoint now) const noexcept {
  return error.system_error == ETIMEDOUT ? now - connect_timeout_ : now;
}

bool BackendHealth::hangs() const noexcept {
  return failing() && series_.lastError().system_error == ETIMEDOUT;
}

}  // namespace peerpool::pool
