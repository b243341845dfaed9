#include "auth/fair_share.h"

#include <algorithm>
#include <tuple>

namespace peerpool::auth {

std::optional<uid_t> whosePlace(const std::vector<PlaceCounts::Held>& held, uid_t newcomer,
                                std::size_t limit) {
  const auto own = std::find_if(held.begin(), held.end(),
                                [newcomer](const auto& one) { return one.uid == newcomer; });
  const std::size_t uids = held.size() + (own == held.end() ? 1 : 0);
  const std::size_t share = limit / uids;
  if ((own == held.end() ? 0 : own->places) >= share) {
    return std::nullopt;
  }
  const auto most = std::min_element(held.begin(), held.end(), [](const auto& a, const auto& b) {
    return a.places != b.places ? a.places > b.places : a.uid < b.uid;
  });
  if (most == held.end() || most->places <= share) {
    return std::nullopt;
  }
  return most->uid;
}

bool goesBefore(const PlaceCandidate& candidate, const PlaceCandidate& other) {
  return std::tie(candidate.logged_in, candidate.since, candidate.client) <
         std::tie(other.logged_in, other.since, other.client);
}

}  // namespace peerpool::auth
