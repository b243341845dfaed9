#include "proxy/server/kept_out.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace peerpool::server {

bool KeptOut::add(uid_t uid) {
  if (!possible_ || uid == 0 || until_.count(uid) > 0 || until_.size() >= kMost ||
      uid == file_.owner()) {
    return false;
  }
  until_.emplace(uid, loop_.now() + kFor);
  const bool done = apply();
  if (!done) {
    until_.erase(uid);
  }
  // What failed may have been done in part: it is put right at the same time.
  if (!armed()) {
    set(loop_.now() + kFor);
  }
  return done;
}

void KeptOut::onTimer(TimePoint now) {
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  TimePoint next = kNever;
  for (const auto& entry : until_) {
    next = std::min(next, entry.second);
  }
  if (!apply() && possible_) {
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
    if (file_.keepOut(uids)) {
      return true;
    }
    possible_ = false;
    complain("somebody else changed who may connect: that stays as it is");
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    possible_ = number != EOPNOTSUPP && number != ENOSYS;
    complain(error.what());
  }
  return false;
}

void KeptOut::complain(const std::string& reason) {
  std::string uids;
  for (const auto& entry : until_) {
    uids += (uids.empty() ? "" : " ") + std::to_string(entry.first);
  }
  log_.write({LogLevel::Warning,
              "access not changed",
              {{"path", file_.path()}, {"kept_out", uids}, {"reason", reason}}});
}

}  // namespace peerpool::server
