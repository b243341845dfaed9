// Deadlines of one loop, earliest first. Reads no clock: the loop says what time it is.

#pragma once

#include <cstddef>
#include <vector>

#include "proxy/base/clock.h"

namespace peerpool::event {

class TimerQueue;

/// One deadline. Disarms itself when destroyed. 24 bytes and a vtable: a member of each session.
class Timer {
 public:
  /// `queue` outlives the timer.
  explicit Timer(TimerQueue& queue) noexcept : queue_(queue) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Arms, or moves an armed one; kNever disarms.
  void set(TimePoint deadline);
  void cancel() noexcept;
  [[nodiscard]] bool armed() const noexcept { return position_ != kUnarmed; }
  /// When it will fire; of an unarmed timer, what was set last.
  [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }

 protected:
  virtual ~Timer() { cancel(); }
  /// The deadline has passed; the timer is disarmed and may be set again or destroyed.
  virtual void onTimer(TimePoint now) = 0;

 private:
  friend class TimerQueue;
  static constexpr std::size_t kUnarmed = static_cast<std::size_t>(-1);
  // Set in position_ of a timer that is due in the current fire(): the rest is its index there.
  static constexpr std::size_t kDue = kUnarmed ^ (kUnarmed >> 1);

  TimerQueue& queue_;
  TimePoint deadline_ = kNever;
  std::size_t position_ = kUnarmed;  // Index in the queue's heap.
};

/// A binary heap: arming and firing cost O(log n), the next deadline O(1).
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  /// The earliest deadline, or kNever.
  [[nodiscard]] TimePoint next() const noexcept;
  /// Fires all that are due at `now`, earliest first; those armed meanwhile wait for the next call.
  /// Not to be called from onTimer().
  void fire(TimePoint now);
  /// Armed timers, without those that wait for their turn in a running fire().
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

 private:
  friend class Timer;
  void add(Timer& timer);
  void remove(Timer& timer) noexcept;
  void siftUp(std::size_t index) noexcept;
  void siftDown(std::size_t index) noexcept;
  void place(std::size_t index, Timer* timer) noexcept;

  std::vector<Timer*> heap_;
  std::vector<Timer*> due_;  // Of the running fire(); null where one was cancelled meanwhile.
};

}  // namespace peerpool::event
