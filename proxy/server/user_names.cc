// The cache and those who wait for it.

#include "proxy/server/user_names.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace peerpool::server {
namespace {

void tellAll(std::vector<UserNames::Done>& waiting, const std::string& name) {
  for (UserNames::Done& done : waiting) {
    done(name);
  }
}

}  // namespace

UserNames::UserNames(Lookup lookup, const Limits& limits)
    : lookup_(std::move(lookup)), limits_(limits) {}

void UserNames::find(uid_t uid, TimePoint now, Done done) {
  if (const auto known = known_.find(uid); known != known_.end() && now < known->second.until) {
    done(known->second.name);
    return;
  }
  const auto pending = pending_.find(uid);
  const bool asked = pending != pending_.end();
  // A lookup that nobody waits for any more has already used up its patience.
  if (asked && pending->second.waiting.empty()) {  // NOLINT(bugprone-branch-clone): other reasons
    done("");
  } else if (asked) {
    pending->second.waiting.push_back(std::move(done));
  } else if (lookup_(uid)) {
    pending_[uid] = {now + limits_.patience, {}};
    pending_[uid].waiting.push_back(std::move(done));
  } else {
    done("");
  }
}

void UserNames::onResolved(uid_t uid, std::optional<std::string> name, TimePoint now) {
  const auto pending = pending_.find(uid);
  std::vector<Done> waiting;
  if (pending != pending_.end()) {
    waiting = std::move(pending->second.waiting);
    pending_.erase(pending);
  }
  if (name) {
    remember(uid, *name, now);
  }
  tellAll(waiting, name.value_or(""));
}

void UserNames::expire(TimePoint now) {
  std::vector<Done> waiting;
  for (auto& [uid, pending] : pending_) {
    if (pending.deadline <= now) {
      std::move(pending.waiting.begin(), pending.waiting.end(), std::back_inserter(waiting));
      pending.waiting.clear();
    }
  }
  tellAll(waiting, "");
}

TimePoint UserNames::deadline() const noexcept {
  TimePoint earliest = kNever;
  for (const auto& [uid, pending] : pending_) {
    if (!pending.waiting.empty()) {
      earliest = std::min(earliest, pending.deadline);
    }
  }
  return earliest;
}

void UserNames::remember(uid_t uid, std::string name, TimePoint now) {
  if (known_.size() >= limits_.entries && known_.count(uid) == 0) {
    std::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
    if (known_.size() >= limits_.entries) {
      known_.erase(known_.begin());
    }
  }
  known_[uid] = {std::move(name), now + limits_.keep};
}

}  // namespace peerpool::server
