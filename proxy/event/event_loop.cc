// The turn and the calls of other threads. Timers, outputs and the arena have files of their own.

#include "proxy/event/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "proxy/base/check.h"

namespace peerpool::event {
namespace {

constexpr std::uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::chrono::minutes kLongestWait{10};  // Keeps the timeout far from overflow.

UniqueFd opened(int fd, const char* call) {
  if (fd < 0) {
    throw std::system_error(errno, std::generic_category(), call);
  }
  return UniqueFd(fd);
}

/// For epoll_wait: rounded up, so that a timer is never found a moment too early again and again.
int timeoutUntil(TimePoint deadline, TimePoint now) noexcept {
  if (deadline <= now) {
    return 0;
  }
  const auto wait = std::min<Clock::duration>(deadline - now, kLongestWait);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

}  // namespace

/// What one epoll_wait gave, and how far it is delivered. The data of an event is its watcher, or
/// the address of the eventfd's number, or null when it was unwatched meanwhile.
struct EventLoop::Batch {
  std::array<epoll_event, 256> events{};
  std::size_t size = 0;
  std::size_t next = 0;
};

EventLoop::EventLoop(const Options& options)
    : clock_(options.clock),
      epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      now_(clock_()),
      arena_(options.arena_size),
      flusher_(makeFlusher(options.flusher, options.batch_from)),
      batch_(std::make_unique<Batch>()) {
  // Edge-triggered: each write is an event of its own, so the counter need not be read.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = &wake_;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

EventLoop::~EventLoop() {
  // Both may own what unwatches itself or takes itself out of our lists.
  posted_.clear();
  deleteDead();
}

void EventLoop::run() {
  for (bool last = false; !last;) {
    last = stopRequested();  // What was posted before is then seen by the turn below.
    turn(last ? TimePoint::min() : kNever);
  }
}

void EventLoop::turn(TimePoint deadline) {
  wait(deadline);
  now_ = clock_();
  deliver();
  runPosted();
  timers_.fire(now_);
  serveReady();
  do {
    flush();
    arena_.reset();
    deleteDead();
  } while (!outputs_.empty());
}

void EventLoop::wait(TimePoint deadline) {
  deadline = std::min(deadline, timers_.next());
  int timeout = -1;
  // Output and dead objects are left here only by who ran before the first turn.
  const bool work = !ready_.empty() || !outputs_.empty() || !dead_.empty();
  if (work || deadline == TimePoint::min()) {
    timeout = 0;
  } else if (deadline != kNever) {
    timeout = timeoutUntil(deadline, clock_());
  }
  const int count = ::epoll_wait(epoll_.get(), batch_->events.data(),
                                 static_cast<int>(batch_->events.size()), timeout);
  check(count >= 0 || errno == EINTR, "epoll_wait failed");
  batch_->size = count < 0 ? 0 : static_cast<std::size_t>(count);
  batch_->next = 0;
}

void EventLoop::deliver() {
  while (batch_->next < batch_->size) {
    const epoll_event& event = batch_->events[batch_->next++];
    if (event.data.ptr == nullptr || event.data.ptr == &wake_) {
      continue;
    }
    Readiness readiness;
    readiness.readable = (event.events & EPOLLIN) != 0;
    readiness.writable = (event.events & EPOLLOUT) != 0;
    readiness.closed = (event.events & EPOLLHUP) != 0;
    readiness.hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    static_cast<Watcher*>(event.data.ptr)->onEvent(readiness);
  }
  batch_->size = 0;
}

void EventLoop::runPosted() {
  std::vector<Job> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (Job& job : work) {
    job();
  }
}

void EventLoop::serveReady() {
  serving_.splice(ready_);
  while (ReadyNode* node = serving_.popFront()) {
    ready_.pushBack(*node);  // Stays until it unlinks itself, which it may do in the call.
    node->onReady();
  }
}

void EventLoop::flush() {
  do {
    flushNow();
    while (Output* output = flushed_.popFront()) {
      output->onFlushed(output->error_ != 0 ? output->error_ : output->blocked_ ? EAGAIN : 0);
    }
  } while (!outputs_.empty());
}

void EventLoop::flushNow() {
  while (!outputs_.empty()) {
    sending_.clear();
    while (Output* output = outputs_.popFront()) {
      output->marked_ = false;
      flushed_.pushBack(*output);
      if (output->pending_ > 0) {
        sending_.push_back(output);
      }
    }
    flusher_->flush(sending_);
    for (Output* output : sending_) {
      if (output->wantsFlush()) {
        markOutput(*output);  // It had more slices than one call takes.
      }
    }
  }
}

void EventLoop::deleteDead() {
  while (!dead_.empty()) {
    std::vector<std::unique_ptr<Deletable>> dead;
    dead.swap(dead_);
  }
}

void EventLoop::stop() noexcept {
  {
    const std::lock_guard lock(posted_mutex_);
    stopping_ = true;
  }
  wake();
}

void EventLoop::post(Job work) {
  bool first = false;
  {
    const std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(work));
  }
  if (first) {
    wake();
  }
}

bool EventLoop::stopRequested() {
  const std::lock_guard lock(posted_mutex_);
  return stopping_;
}

void EventLoop::wake() noexcept {
  // Fails only when the counter is at 2^64 - 1, and then the event is there already.
  [[maybe_unused]] const int ignored = ::eventfd_write(wake_.get(), 1);
}

void EventLoop::watch(int fd, Watcher& watcher) {
  epoll_event event{};
  event.events = kInterest;
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void EventLoop::unwatch(int fd, Watcher& watcher) noexcept {
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0,
        "unwatch() of a descriptor that is not watched");
  for (std::size_t i = batch_->next; i < batch_->size; ++i) {
    if (batch_->events[i].data.ptr == &watcher) {
      batch_->events[i].data.ptr = nullptr;
    }
  }
}

void EventLoop::markReady(ReadyNode& node) noexcept {
  if (!node.linked()) {
    ready_.pushBack(node);
  }
}

void EventLoop::markOutput(Output& output) noexcept {
  if (!output.marked_) {
    output.marked_ = true;
    output
        .unlink();  // It may wait for the report of an earlier flush: one report will do for both.
    outputs_.pushBack(output);
  }
}

void EventLoop::deleteLater(std::unique_ptr<Deletable> object) {
  dead_.push_back(std::move(object));
}

}  // namespace peerpool::event
