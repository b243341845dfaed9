// Clients that run a short query in a loop, whatever happens, and keep note of what they saw.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace peerpool::testing {

/// Each on its own thread: connects, runs SELECT 1 every few milliseconds, connects again after an
/// error. What it does between two answers (connect, query) is one operation.
class LoopingClients {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  LoopingClients(const std::string& conninfo, std::size_t count);
  ~LoopingClients();
  LoopingClients(const LoopingClients&) = delete;
  LoopingClients& operator=(const LoopingClients&) = delete;

  /// Forgets what was seen up to now; operations under way count from their beginning.
  void reset();
  void stop();

  [[nodiscard]] std::size_t successes() const;
  /// Waits until each client has succeeded since the last reset().
  [[nodiscard]] bool eachSucceeds() const;
  /// The longest operation, those that have not ended included.
  [[nodiscard]] Milliseconds longest() const;
  /// When the first operation succeeded that ended at or after `since`.
  [[nodiscard]] std::optional<Clock::time_point> firstSuccessAfter(Clock::time_point since) const;
  /// "SQLSTATE message" without its reference, and how often.
  [[nodiscard]] std::map<std::string, std::size_t> errors() const;
  /// All of it in a line, for the log of a test.
  [[nodiscard]] std::string describe() const;

 private:
  struct Seen {
    Clock::time_point since;  // Begin of the operation under way.
    Milliseconds longest{0};
    std::vector<Clock::time_point> successes;
    std::map<std::string, std::size_t> errors;
  };
  void loop(std::size_t index, const std::string& conninfo);
  void ended(std::size_t index, const std::string& error);

  mutable std::mutex mutex_;
  std::vector<Seen> seen_;  // By mutex_; one for each client.
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

/// From another thread: when a direct connection to `conninfo` first succeeds. Polls every 2 ms.
class DirectPoll {
 public:
  explicit DirectPoll(std::string conninfo);
  ~DirectPoll();
  DirectPoll(const DirectPoll&) = delete;
  DirectPoll& operator=(const DirectPoll&) = delete;
  [[nodiscard]] LoopingClients::Clock::time_point wait();

 private:
  LoopingClients::Clock::time_point answered_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace peerpool::testing
