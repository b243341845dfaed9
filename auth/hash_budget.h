// How much each uid may have hashed: a token bucket of bytes for each.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>

#include "proxy/base/clock.h"

namespace peerpool::auth {

/// One thread.
class HashBudget {
 public:
  /// A bucket holds `capacity` bytes and gets `per_second` back.
  HashBudget(std::uint64_t capacity, std::uint64_t per_second) noexcept
      : capacity_(capacity), per_second_(per_second) {}

  /// False: there is not so much in the bucket, and it stays as it is. Small files cost kLeast.
  /// `now` never goes back.
  [[nodiscard]] bool take(uid_t uid, std::uint64_t bytes, TimePoint now);

  /// Buckets that are not known to be full.
  [[nodiscard]] std::size_t size() const noexcept { return full_at_.size(); }

  /// What looking a file up and forgetting another one costs in any case.
  static constexpr std::uint64_t kLeast = 1 << 20;
  /// When so many uids are at it, the others get nothing.
  static constexpr std::size_t kMaxBuckets = 1024;

 private:
  [[nodiscard]] Clock::duration timeFor(std::uint64_t bytes) const noexcept;

  std::uint64_t capacity_;
  std::uint64_t per_second_;
  std::map<uid_t, TimePoint> full_at_;
};

}  // namespace peerpool::auth
