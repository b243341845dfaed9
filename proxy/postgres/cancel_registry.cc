#include "proxy/postgres/cancel_registry.h"

#include <utility>

#include "auth/crypto.h"

namespace peerpool::postgres {
namespace {

constexpr std::uint32_t kPidMask = 0x7fffffff;

}  // namespace

CancelKey CancelRegistry::add(ClientId client, std::size_t length) {
  CancelKey made{static_cast<std::uint32_t>(client.value) & kPidMask, auth::randomBytes(length)};
  // The number by which the log knows it, unless a very old session has that still.
  while (made.pid == 0 || entries_.count(made.pid) != 0) {
    made.pid = (made.pid + 1) & kPidMask;
  }
  entries_.emplace(made.pid, Entry{client, made.key});
  return made;
}

void CancelRegistry::remove(std::uint32_t pid) noexcept { entries_.erase(pid); }

std::optional<ClientId> CancelRegistry::find(std::uint32_t pid,
                                             std::string_view key) const noexcept {
  const auto found = entries_.find(pid);
  if (found == entries_.end() ||
      !auth::equalInConstantTime(asBytes(found->second.key), asBytes(key))) {
    return std::nullopt;
  }
  return found->second.client;
}

bool CancelGuesses::hears(std::uint32_t uid, TimePoint now) {
  const auto found = windows_.find(uid);
  if (found == windows_.end()) {
    forgetEnded(now);
    return windows_.size() < kMaxUids;
  }
  return found->second.count < kMost || now >= found->second.end;
}

void CancelGuesses::wrong(std::uint32_t uid, TimePoint now) {
  Window& window = windows_[uid];
  if (window.count == 0 || now >= window.end) {
    window = {now + kWindow, 0};
  }
  ++window.count;
}

void CancelGuesses::forgetEnded(TimePoint now) {
  if (windows_.size() < kMaxUids) {
    return;
  }
  std::erase_if(windows_, [now](const auto& entry) { return now >= entry.second.end; });
}

}  // namespace peerpool::postgres
