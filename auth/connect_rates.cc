// A bucket is kept as the time at which it will be full again: what is missing of it is the time
// until then, divided by the time that one token takes.

#include "auth/connect_rates.h"

#include <algorithm>

namespace peerpool::auth {

bool ConnectRates::take(const std::string& listener, uid_t uid, const config::Rate& rate,
                        TimePoint now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    forget(by_time_.begin());
  }
  const Clock::duration period = rate.period;
  const Clock::duration token =
      period / static_cast<Clock::rep>(std::max<std::size_t>(rate.count, 1));
  const Key key{listener, uid};
  const auto found = full_at_.find(key);
  const TimePoint full_at = (found == full_at_.end() ? now : found->second) + token;
  if (full_at - now > period) {
    return false;
  }
  if (found != full_at_.end()) {
    by_time_.erase({found->second, key});
    found->second = full_at;
  } else {
    full_at_.emplace(key, full_at);
  }
  by_time_.emplace(full_at, key);
  if (full_at_.size() > kMaxBuckets) {
    forget(by_time_.begin());
  }
  return true;
}

void ConnectRates::forget(std::set<std::pair<TimePoint, Key>>::iterator oldest) {
  full_at_.erase(oldest->second);
  by_time_.erase(oldest);
}

}  // namespace peerpool::auth
