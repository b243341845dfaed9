// A bucket is kept as the time at which it will be full again.

#include "auth/hash_budget.h"

#include <algorithm>

namespace peerpool::auth {

Clock::duration HashBudget::timeFor(std::uint64_t bytes) const noexcept {
  const double seconds = static_cast<double>(bytes) / static_cast<double>(per_second_);
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

bool HashBudget::take(uid_t uid, std::uint64_t bytes, TimePoint now) {
  if (bytes > capacity_) {
    return false;
  }
  if (full_at_.size() >= kMaxBuckets) {
    std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
  }
  const auto found = full_at_.find(uid);
  if (found == full_at_.end() && full_at_.size() >= kMaxBuckets) {
    return false;
  }
  const TimePoint before = found == full_at_.end() ? now : std::max(now, found->second);
  const std::uint64_t cost = std::clamp(bytes, std::min(kLeast, capacity_), capacity_);
  const TimePoint full_at = before + timeFor(cost);
  if (full_at - now > timeFor(capacity_)) {
    return false;
  }
  full_at_[uid] = full_at;
  return true;
}

}  // namespace peerpool::auth
