#include "proxy/server/kept_out.h"

#include <algorithm>
#include <system_error>
#include <vector>

namespace peerpool::server {

bool KeptOut::add(uid_t uid) {
  if (!possible_ || uid == 0 || uid == file_.owner() || until_.size() >= kMost ||
      until_.count(uid) > 0) {
    return false;
  }
  until_.emplace(uid, loop_.now() + kFor);
  possible_ = apply();
  if (!possible_) {
    until_.erase(uid);
    return false;
  }
  if (!armed()) {
    set(until_.at(uid));
  }
  return true;
}

void KeptOut::onTimer(TimePoint now) {
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  TimePoint next = kNever;
  for (const auto& entry : until_) {
    next = std::min(next, entry.second);
  }
  if (!apply()) {
    next = now + kFor;  // Nobody is to be kept out for ever.
  }
  if (next != kNever) {
    set(next);
  }
}

bool KeptOut::apply() noexcept {
  std::vector<uid_t> uids;
  try {
    for (const auto& entry : until_) {
      uids.push_back(entry.first);
    }
    file_.keepOut(uids);
    return true;
  } catch (const std::system_error& error) {
    log_.write({LogLevel::Warning, "access not changed", {{"reason", error.what()}}});
    return false;
  }
}

}  // namespace peerpool::server
