// Signals as events of a loop, so that a handler may do anything the loop's other callbacks may.

#pragma once

#include <functional>
#include <initializer_list>

#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::event {

/// Receives the process' signals on the loop's thread. They must be blocked in every thread.
class Signals final : private Watcher {
 public:
  /// Blocks `signals` in the calling thread and all that it starts later: call it in main() before
  /// there is a second one. Throws std::system_error.
  static void block(std::initializer_list<int> signals);

  /// `handler` gets the signal's number, once for several of the same that came in between; it must
  /// not destroy this. Throws std::system_error.
  Signals(EventLoop& loop, std::initializer_list<int> signals, std::function<void(int)> handler);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void onEvent(Readiness readiness) override;

  EventLoop& loop_;
  std::function<void(int)> handler_;
  UniqueFd fd_;
};

}  // namespace peerpool::event
