// The ring's index arithmetic.

#include "proxy/observe/log_ring.h"

#include <utility>

namespace peerpool::observe {
namespace {

std::size_t textBytes(const LogEvent& event) noexcept {
  std::size_t bytes = 0;
  for (const auto& field : event.fields) {
    bytes += field.second.size();
  }
  return bytes;
}

}  // namespace

LogRing::LogRing(std::size_t max_events, std::size_t max_bytes)
    : slots_(max_events), max_bytes_(max_bytes) {}

bool LogRing::push(LogEntry entry) noexcept {
  const std::size_t bytes = textBytes(entry.event);
  const std::lock_guard lock(mutex_);
  if (count_ == slots_.size() || bytes > max_bytes_ - bytes_) {
    return false;
  }
  slots_[(first_ + count_) % slots_.size()] = std::move(entry);
  ++count_;
  bytes_ += bytes;
  return true;
}

void LogRing::drainInto(std::vector<LogEntry>& out) {
  out.reserve(out.size() + slots_.size());  // Before the lock: producers must not wait for memory.
  const std::lock_guard lock(mutex_);
  for (; count_ > 0; --count_) {
    out.push_back(std::move(slots_[first_]));
    slots_[first_] = LogEntry{};
    first_ = (first_ + 1) % slots_.size();
  }
  bytes_ = 0;
}

}  // namespace peerpool::observe
