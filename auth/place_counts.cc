// Two maps and a mutex.

#include "auth/place_counts.h"

#include "proxy/base/check.h"

namespace peerpool::auth {
namespace {

bool reached(std::size_t count, const std::optional<std::size_t>& limit) noexcept {
  return limit && count >= *limit;
}

}  // namespace

void PlaceCounts::Place::reset() noexcept {
  if (Holder* holder = std::exchange(holder_, nullptr)) {
    holder->name->counts->giveBack(*holder);
  }
}

PlaceCounts::Answer PlaceCounts::take(const std::string& name, uid_t uid, const Limits& limits) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  if (found != names_.end()) {
    const auto holder = found->second.holders.find(uid);
    const std::size_t held = holder == found->second.holders.end() ? 0 : holder->second.places;
    if (reached(held, limits.per_uid)) {
      return {{}, Reached::PerUid};
    }
    if (reached(found->second.places, limits.all)) {
      return {{}, Reached::All};
    }
  } else if (reached(0, limits.per_uid) || reached(0, limits.all)) {
    return {{}, reached(0, limits.per_uid) ? Reached::PerUid : Reached::All};
  }
  Name& counted = names_.try_emplace(name, Name{this, name, 0, {}}).first->second;
  Holder& holder = counted.holders.try_emplace(uid, Holder{&counted, uid, 0}).first->second;
  ++counted.places;
  ++holder.places;
  return {Place(holder), std::nullopt};
}

void PlaceCounts::giveBack(Holder& holder) noexcept {
  const std::lock_guard lock(mutex_);
  Name& name = *holder.name;
  check(holder.places > 0 && name.places > 0, "more places given back than taken");
  --name.places;
  if (--holder.places == 0) {
    name.holders.erase(holder.uid);
  }
  if (name.places == 0) {
    names_.erase(names_.find(name.text));
  }
}

std::vector<PlaceCounts::Held> PlaceCounts::heldOf(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  std::vector<Held> held;
  if (const auto found = names_.find(name); found != names_.end()) {
    for (const auto& [uid, holder] : found->second.holders) {
      held.push_back({uid, holder.places});
    }
  }
  return held;
}

std::size_t PlaceCounts::countOf(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? 0 : found->second.places;
}

std::size_t PlaceCounts::names() const {
  const std::lock_guard lock(mutex_);
  return names_.size();
}

}  // namespace peerpool::auth
