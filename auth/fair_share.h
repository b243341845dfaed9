// When all places are taken: whose place goes to a newcomer, and which of his clients makes room.
// Pure.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "auth/place_counts.h"
#include "proxy/base/clock.h"
#include "proxy/base/ids.h"

namespace peerpool::auth {

/// The uid that loses one of its places to `newcomer`: it holds most, and more than its fair share,
/// while the newcomer holds fewer than that. The fair share is `limit` divided by the number of
/// uids, the newcomer among them. No value: the newcomer must be refused. Of two that hold the same
/// the lower uid.
[[nodiscard]] std::optional<uid_t> whosePlace(const std::vector<PlaceCounts::Held>& held,
                                              uid_t newcomer, std::size_t limit);

/// Whose client is sought.
struct PlaceQuery {
  uid_t uid = 0;
  std::string listener;  ///< Came through this one; empty: through any.
};

/// A client that can go: it has not logged in, or it is at rest and has no server.
struct PlaceCandidate {
  ClientId client;
  bool logged_in = false;
  TimePoint since;  ///< Of a logged in one: when it came to rest; else when it was accepted.
};

/// Goes `candidate` before `other`? Who has not logged in does; then who has waited longest.
[[nodiscard]] bool goesBefore(const PlaceCandidate& candidate, const PlaceCandidate& other);

}  // namespace peerpool::auth
