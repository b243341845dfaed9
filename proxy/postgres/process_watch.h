// Notices the end of a process by its pidfd.

#pragma once

#include <functional>
#include <utility>

#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::postgres {

/// Lives on the loop's thread, which outlives it.
class ProcessWatch final : private event::Watcher {
 public:
  /// `on_end` comes from the loop, once, also for a process that has ended already; it may not
  /// destroy the watch. Throws std::system_error.
  ProcessWatch(event::EventLoop& loop, UniqueFd pidfd, std::function<void()> on_end)
      : loop_(loop), pidfd_(std::move(pidfd)), on_end_(std::move(on_end)) {
    loop_.watch(pidfd_.get(), *this);
  }
  ~ProcessWatch() { loop_.unwatch(pidfd_.get(), *this); }
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;

 private:
  void onEvent(event::Readiness readiness) override {
    if ((readiness.readable || readiness.hung_up) && on_end_) {
      std::exchange(on_end_, nullptr)();
    }
  }

  event::EventLoop& loop_;
  UniqueFd pidfd_;
  std::function<void()> on_end_;
};

}  // namespace peerpool::postgres
