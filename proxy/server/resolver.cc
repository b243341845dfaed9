// A queue and its thread.

#include "proxy/server/resolver.h"

#include <optional>
#include <utility>

namespace peerpool::server {

Resolver::Resolver(std::size_t max_jobs) : max_jobs_(max_jobs), thread_([this] { run(); }) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool Resolver::post(event::Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= max_jobs_) {
      return false;
    }
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (jobs_.empty()) {
      changed_.wait(lock);
      continue;
    }
    std::optional<event::Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    lock.unlock();
    (*job)();
    job.reset();  // What it owns dies before the lock is taken again.
    lock.lock();
  }
}

}  // namespace peerpool::server
