// One thread's loop: waits for descriptors, runs what is due, then sends what the turn produced.
//
// A turn is: wait, deliver all events, run posted work and due timers, serve the ready list, flush
// all output, delete what died (DESIGN, Threads and I/O). Nobody else in the thread calls
// epoll_wait, send or recv on a watched descriptor.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "proxy/base/clock.h"
#include "proxy/base/intrusive_list.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/arena.h"
#include "proxy/event/flusher.h"
#include "proxy/event/job.h"
#include "proxy/event/timer_queue.h"

namespace peerpool::event {

/// What is true of a descriptor; several at once.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;  ///< EPOLLRDHUP, EPOLLHUP or EPOLLERR: data may still be unread.
  bool closed = false;   ///< EPOLLHUP: nobody will read what is sent, either.
};

/// Told about one descriptor, edge-triggered: each change once, with all that is true at that time.
/// Owned by whoever watches; destroying it before EventLoop::unwatch() is a broken promise.
class Watcher {
 public:
  virtual void onEvent(Readiness readiness) = 0;

 protected:
  ~Watcher() = default;
};

/// Something that stopped with input left (budget, back-pressure, no server): served once in each
/// turn while it is in the ready list, without waiting for the kernel.
class ReadyNode : public ListNode {
 public:
  virtual void onReady() = 0;

 protected:
  ~ReadyNode() = default;
};

/// Base of what may have to die inside one of its own callbacks.
class Deletable {
 public:
  virtual ~Deletable() = default;
};

/// Lives on one thread; may be made on another that starts it. All calls are from that thread,
/// except post() and stop(). Exceptions of callbacks end the turn and come out of run().
class EventLoop {
 public:
  struct Options {
    std::size_t arena_size = std::size_t{1} << 20;  ///< Bytes; several times the largest window.
    FlusherKind flusher = FlusherKind::Auto;
    std::size_t batch_from = kBatchFrom;  ///< Outputs in a flush from which io_uring is used.
    /// What time it is. The kernel waits in real time whatever this says, so with another clock
    /// only turn(TimePoint::min()) makes sense.
    std::function<TimePoint()> clock = &Clock::now;
  };

  /// Throws std::system_error when the kernel gives no epoll or eventfd.
  explicit EventLoop(const Options& options);
  /// Destroys what waits for deletion and work that never ran; nothing may be watched after that.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Turns until stop(). Work posted before stop() has run when it returns.
  void run();

  /// One turn; waits at most until `deadline` for something to do. For run() and tests.
  void turn(TimePoint deadline);

  /// Any thread: run() returns after one more turn. For good: it is not meant to be run again.
  void stop() noexcept;

  /// Any thread: runs `work` on the loop's thread in its next turn, in the order posted. Work that
  /// is posted after run() ended is destroyed with the loop.
  void post(Job work);

  /// When the current turn began: one clock reading for all of it.
  [[nodiscard]] TimePoint now() const noexcept { return now_; }

  /// Registers `fd` once for input, output and hang-up, edge-triggered; the fd stays the caller's.
  /// What is already true is an event of the next turn. Throws std::system_error (ENOMEM, ENOSPC).
  void watch(int fd, Watcher& watcher);
  /// Must come before the fd is closed. Events of this turn that are not yet delivered are dropped.
  void unwatch(int fd, Watcher& watcher) noexcept;

  /// Serves `node` in the next ready phase and all later ones until it unlinks itself; the loop
  /// does not sleep meanwhile. The next ready phase is this turn's unless it is over or running.
  void markReady(ReadyNode& node) noexcept;

  /// Puts `output` in this turn's flush; twice is once.
  void markOutput(Output& output) noexcept;
  /// Sends all that is marked now, before the arena runs out. Afterwards no output refers to the
  /// arena any more; who knows that nobody else does may reset it. Reports go out at the end of the
  /// turn.
  void flushNow();

  /// Keeps `object` until the end of the turn, then destroys it.
  void deleteLater(std::unique_ptr<Deletable> object);

  [[nodiscard]] Arena& arena() noexcept { return arena_; }
  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  /// Which flusher was chosen, for the start-up log.
  [[nodiscard]] FlusherKind flusherKind() const noexcept { return flusher_->kind(); }

 private:
  struct Batch;
  void wait(TimePoint deadline);
  void deliver();
  void runPosted();
  void serveReady();
  void flush();
  void deleteDead();
  void wake() noexcept;
  [[nodiscard]] bool stopRequested();

  std::function<TimePoint()> clock_;
  UniqueFd epoll_;
  UniqueFd wake_;  // eventfd for post() and stop().
  TimePoint now_;
  Arena arena_;
  TimerQueue timers_;
  std::unique_ptr<Flusher> flusher_;
  std::unique_ptr<Batch> batch_;
  IntrusiveList<ReadyNode> ready_;
  IntrusiveList<ReadyNode> serving_;  // Of the running ready phase, not yet served.
  IntrusiveList<Output> outputs_;     // Marked.
  IntrusiveList<Output> flushed_;     // Not yet reported.
  std::vector<Output*> sending_;      // Of the running flush; kept for its capacity.
  std::vector<std::unique_ptr<Deletable>> dead_;
  std::mutex posted_mutex_;
  std::vector<Job> posted_;  // Guarded by posted_mutex_.
  bool stopping_ = false;    // Guarded by posted_mutex_.
};

}  // namespace peerpool::event
