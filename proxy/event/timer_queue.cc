// The heap.

#include "proxy/event/timer_queue.h"

#include <utility>

#include "proxy/base/check.h"

namespace peerpool::event {

void Timer::set(TimePoint deadline) {
  cancel();
  deadline_ = deadline;
  if (deadline != kNever) {
    queue_.add(*this);
  }
}

void Timer::cancel() noexcept {
  if (armed()) {
    queue_.remove(*this);
  }
}

TimePoint TimerQueue::next() const noexcept {
  return heap_.empty() ? kNever : heap_.front()->deadline_;
}

void TimerQueue::fire(TimePoint now) {
  check(due_.empty(), "TimerQueue::fire() inside onTimer()");
  // Taken out first: a timer that is set again in the past must not keep this call going for ever.
  while (next() <= now && !heap_.empty()) {
    Timer& timer = *heap_.front();
    due_.push_back(&timer);
    remove(timer);
    timer.position_ = Timer::kDue | (due_.size() - 1);
  }
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (Timer* timer = due_[i]; timer != nullptr) {
      remove(*timer);
      timer->onTimer(now);
    }
  }
  due_.clear();
}

void TimerQueue::add(Timer& timer) {
  heap_.push_back(&timer);
  timer.position_ = heap_.size() - 1;
  siftUp(heap_.size() - 1);
}

void TimerQueue::remove(Timer& timer) noexcept {
  const std::size_t position = std::exchange(timer.position_, Timer::kUnarmed);
  if ((position & Timer::kDue) != 0) {
    due_[position & ~Timer::kDue] = nullptr;
    return;
  }
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last != &timer) {
    place(position, last);
    siftUp(position);
    siftDown(last->position_);
  }
}

void TimerQueue::siftUp(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->deadline_ <= timer->deadline_) {
      break;
    }
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, timer);
}

void TimerQueue::siftDown(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  while (true) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) {
      break;
    }
    if (child + 1 < heap_.size() && heap_[child + 1]->deadline_ < heap_[child]->deadline_) {
      ++child;
    }
    if (timer->deadline_ <= heap_[child]->deadline_) {
      break;
    }
    place(index, heap_[child]);
    index = child;
  }
  place(index, timer);
}

void TimerQueue::place(std::size_t index, Timer* timer) noexcept {
  heap_[index] = timer;
  timer->position_ = index;
}

}  // namespace peerpool::event
