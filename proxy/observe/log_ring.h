// A bounded queue between threads that must not wait and the one that writes the log.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "proxy/base/log.h"

namespace peerpool::observe {

/// An event with its place in the order of the whole process.
struct LogEntry {
  std::uint64_t sequence = 0;
  std::chrono::system_clock::time_point when;
  LogEvent event;
};

/// Holds at most `max_events` events of together at most `max_bytes` bytes of field text. The lock
/// is held for a few moves of pointers only; memory is taken once, when the ring is made.
class LogRing {
 public:
  LogRing(std::size_t max_events, std::size_t max_bytes);

  /// Any thread. False: full, and `entry` is gone.
  [[nodiscard]] bool push(LogEntry entry) noexcept;

  /// The writer's thread: moves all entries behind those of `out`, which needs room for capacity().
  void drainInto(std::vector<LogEntry>& out);

  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }

 private:
  std::mutex mutex_;
  std::vector<LogEntry> slots_;
  std::size_t max_bytes_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace peerpool::observe
