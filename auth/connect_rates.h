// How fast each uid connects: a token bucket for each uid and listener.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/model.h"
#include "proxy/base/clock.h"

namespace peerpool::auth {

/// A bucket holds `rate.count` tokens and is refilled at the rate; each connection takes one. One
/// thread.
class ConnectRates {
 public:
  /// False: the bucket is empty, and stays as it is. `now` never goes back.
  [[nodiscard]] bool take(const std::string& listener, uid_t uid, const config::Rate& rate,
                          TimePoint now);

  /// Buckets that are not full; the others are not remembered.
  [[nodiscard]] std::size_t size() const noexcept { return full_at_.size(); }

  /// So many at most: beyond, the one that would be full first is forgotten.
  static constexpr std::size_t kMaxBuckets = 16384;

 private:
  using Key = std::pair<std::string, uid_t>;
  void forget(std::set<std::pair<TimePoint, Key>>::iterator oldest);

  std::map<Key, TimePoint> full_at_;
  std::set<std::pair<TimePoint, Key>> by_time_;
};

}  // namespace peerpool::auth
