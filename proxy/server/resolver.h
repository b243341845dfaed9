// One thread for work that may block or takes milliseconds: names of accounts, key derivation. It
// knows nothing of what it runs; answers travel by EventLoop::post() in the caller's lambda.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

#include "proxy/event/job.h"

namespace peerpool::server {

/// Runs jobs one after the other, in the order posted. Everything a job refers to must outlive the
/// resolver, or be owned by the job.
class Resolver {
 public:
  /// At most `max_jobs` wait at a time. Starts the thread: signals must be blocked already.
  explicit Resolver(std::size_t max_jobs = 4096);
  /// Waits for the running job; those not begun are destroyed unrun.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Any thread; never waits. False: too many jobs wait already, and `job` will not run. A job must
  /// not throw.
  [[nodiscard]] bool post(event::Job job);

 private:
  void run();

  std::size_t max_jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<event::Job> jobs_;  // Guarded by mutex_, as is the next.
  bool stopping_ = false;
  std::thread thread_;  // Last: uses all of the above.
};

}  // namespace peerpool::server
