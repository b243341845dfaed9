// Delays between failing logins.

#include "proxy/pool/back_off.h"

#include <algorithm>

namespace peerpool::pool {

bool mayPass(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::System:
    case ErrorCode::Unreachable:
    case ErrorCode::TimedOut:
    case ErrorCode::Limit:
    case ErrorCode::Closed:
      return true;
    case ErrorCode::Refused:
      // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections.
      return error.sqlstate == "57P01" || error.sqlstate == "57P02" || error.sqlstate == "57P03" ||
             error.sqlstate == "53300";
    case ErrorCode::Impostor:
    case ErrorCode::Protocol:
    case ErrorCode::Denied:
      return false;
  }
  return false;
}

void BackOff::failed(const Error& error, TimePoint now) {
  last_ = error;
  if (failing() && now < retry_at_) {
    return;
  }
  delay_ = failing() ? std::min(delay_ * 2, kMost) : kFirst;
  retry_at_ = now + delay_;
}

void BackOff::succeeded() noexcept {
  delay_ = Duration::zero();
  retry_at_ = TimePoint::min();
  last_ = {};
}

}  // namespace peerpool::pool
