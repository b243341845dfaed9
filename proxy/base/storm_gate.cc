#include "proxy/base/storm_gate.h"

#include <algorithm>
#include <utility>

namespace peerpool {

bool StormGate::admits(const StormKey& key, TimePoint now) {
  TimePoint alarm = kNever;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entryOf(key, now);
    if (entry.window_end <= now) {
      entry.window_end = now + limits_.window;
      entry.lines = 0;
    }
    if (entry.lines < limits_.lines) {
      ++entry.lines;
      return true;
    }
    if (++entry.suppressed == 1) {
      entry.tell_at = entry.window_end;
      if (entry.tell_at < due_) {
        due_ = alarm = entry.tell_at;
      }
    }
  }
  if (alarm != kNever && alarm_) {
    alarm_(alarm);
  }
  return false;
}

StormGate::Entry& StormGate::entryOf(const StormKey& key, TimePoint now) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    return found->second;
  }
  if (entries_.size() >= limits_.keys) {
    forgetEnded(now);
  }
  if (entries_.size() >= limits_.keys) {
    return entries_[{key.event, static_cast<uid_t>(-1), key.kind, std::string(kOthers), {}}];
  }
  return entries_[key];
}

void StormGate::forgetEnded(TimePoint now) {
  std::erase_if(entries_, [now](const auto& item) {
    return item.second.suppressed == 0 && item.second.window_end <= now;
  });
}

std::vector<StormGate::Held> StormGate::takeHeld(TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<Held> held;
  due_ = kNever;
  for (auto& [key, entry] : entries_) {
    if (entry.suppressed > 0 && entry.tell_at <= now) {
      held.push_back({key, std::exchange(entry.suppressed, 0)});
      entry.tell_at = kNever;
    }
    due_ = std::min(due_, entry.tell_at);
  }
  forgetEnded(now);
  return held;
}

TimePoint StormGate::due() const {
  const std::lock_guard lock(mutex_);
  return due_;
}

std::size_t StormGate::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace peerpool
