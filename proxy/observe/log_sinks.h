// The log's threads: rings that all write into without waiting, and one thread that empties them.
// Where entries end and what they look like is log_writers.h's.

#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "config/model.h"
#include "proxy/base/log.h"
#include "proxy/observe/log_ring.h"
#include "proxy/observe/log_writers.h"

namespace peerpool::observe {

/// The process's log. write() never waits for the disk or the terminal; events that find their ring
/// full are counted, and the count becomes a line of its own ("log events dropped").
class LogSink final : public Log {
 public:
  struct Limits {
    std::size_t events = 2048;                 ///< Of one ring.
    std::size_t bytes = std::size_t{1} << 20;  ///< Of field text in one ring.
  };

  LogSink(LogLevel level, std::unique_ptr<LogWriter> writer, const Limits& limits);
  /// Writes what is in the rings, then ends the thread. No other thread may write any more.
  ~LogSink() override;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  [[nodiscard]] bool wants(LogLevel level) const noexcept override {
    return level >= level_.load(std::memory_order_relaxed);
  }
  /// Any thread.
  void setLevel(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  void write(LogEvent event) noexcept override;

  /// Waits until everything written before the call is with the LogWriter. For the end and for
  /// tests.
  void flush();

  /// Any thread: the file is opened anew before the next entry (LogWriter::reopen()), and an entry
  /// says how that went.
  void reopen() noexcept;

  /// How many events were lost since the start; any thread.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_.load(std::memory_order_relaxed);
  }

 private:
  /// Threads share a ring when their ids meet; more than a few producers do not pay for more rings.
  static constexpr std::size_t kRings = 8;

  void run();
  void wake() noexcept;
  void drain();
  void emit(const LogEntry& entry) noexcept;
  void reopenNow();
  void reportDropped();
  void writeOwn(LogEvent event);

  std::atomic<LogLevel> level_;
  std::unique_ptr<LogWriter> writer_;
  std::array<std::unique_ptr<LogRing>, kRings> rings_;
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t dropped_reported_ = 0;  // Writer's thread only.
  std::vector<LogEntry> batch_;         // Writer's thread only.

  std::atomic<bool> awake_{false};  // Guards the semaphore: at most one release for each acquire.
  std::binary_semaphore work_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> reopen_wanted_{false};

  std::mutex flush_mutex_;
  std::condition_variable flushed_;
  std::uint64_t flush_wanted_ = 0;  // Guarded by flush_mutex_, as is the next.
  std::uint64_t flush_done_ = 0;
  std::thread thread_;  // Last: uses all of the above.
};

/// LogLevel of a configuration's level.
[[nodiscard]] LogLevel logLevel(config::LogSeverity severity) noexcept;

}  // namespace peerpool::observe
