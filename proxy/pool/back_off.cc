// Delays between failing logins, and what kind of failure they are.

#include "proxy/pool/back_off.h"

#include <algorithm>

namespace peerpool::pool {
namespace {

/// admin_shutdown, crash_shutdown, cannot_connect_now.
bool startsOrStops(const Error& error) noexcept {
  return error.code == ErrorCode::Refused &&
         (error.sqlstate == "57P01" || error.sqlstate == "57P02" || error.sqlstate == "57P03");
}

}  // namespace

bool mayPass(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::System:
    case ErrorCode::Unreachable:
    case ErrorCode::TimedOut:
    case ErrorCode::Limit:
    case ErrorCode::Closed:
      return true;
    case ErrorCode::Refused:
      return startsOrStops(error) || error.sqlstate == "53300";  // too_many_connections
    case ErrorCode::Impostor:
    case ErrorCode::Unproven:
    case ErrorCode::Protocol:
    case ErrorCode::Denied:
      return false;
  }
  return false;
}

bool concernsBackend(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::System:
    case ErrorCode::Unreachable:
    case ErrorCode::TimedOut:
    case ErrorCode::Closed:
    case ErrorCode::Impostor:
      return true;
    case ErrorCode::Refused:
      return startsOrStops(error);
    case ErrorCode::Limit:
    case ErrorCode::Unproven:
    case ErrorCode::Protocol:
    case ErrorCode::Denied:
      return false;
  }
  return false;
}

void BackOff::started(TimePoint now) noexcept {
  if (failing()) {
    delay_ = startsOrStops(last_) ? kStarting : std::min(delay_ * 2, kMost);
    retry_at_ = now + delay_;
  }
}

void BackOff::failed(const Error& error, TimePoint since, TimePoint now) {
  if (!failing()) {
    since_ = since;
    delay_ = kFirst;
    retry_at_ = now + delay_;
  } else if (now >= retry_at_) {
    retry_at_ = now + kFirst;
  }
  if (startsOrStops(error)) {
    retry_at_ = std::min(retry_at_, now + kStarting);
  }
  last_ = error;
  last_failed_at_ = now;
}

void BackOff::succeeded() noexcept { *this = BackOff(); }

void BackOff::hurry(TimePoint now) noexcept {
  if (failing()) {
    delay_ = kFirst / 2;
    retry_at_ = now;
  }
}

}  // namespace peerpool::pool
