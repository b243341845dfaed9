// The end of a service in use: waits until everybody has gone, or patience has.

#pragma once

#include <functional>
#include <utility>

#include "proxy/event/event_loop.h"

namespace peerpool::server {

/// Lives on the main thread's loop.
class Drain final : private event::Timer {
 public:
  /// Calls `end` once, in a later turn: when `empty` says so, at `deadline` at the latest.
  Drain(event::EventLoop& loop, TimePoint deadline, std::function<bool()> empty,
        std::function<void()> end)
      : event::Timer(loop.timers()),
        deadline_(deadline),
        empty_(std::move(empty)),
        end_(std::move(end)) {
    set(loop.now());
  }

  /// How often it looks.
  static constexpr Duration kStep{10};

 private:
  void onTimer(TimePoint now) override {
    if (empty_() || now >= deadline_) {
      end_();
    } else {
      set(now + kStep);
    }
  }

  TimePoint deadline_;
  std::function<bool()> empty_;
  std::function<void()> end_;
};

}  // namespace peerpool::server
