// Accepts connections of one listening socket. Making that socket is socket_file's part.

#pragma once

#include <cstddef>
#include <functional>

#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::net {

/// Lives on its loop's thread; destroying it stops accepting and closes the socket.
class Listener final : private event::Watcher, private event::ReadyNode, private event::Timer {
 public:
  struct Callbacks {
    /// Gets each accepted socket: non-blocking, close-on-exec. Must not destroy the listener.
    std::function<void(UniqueFd)> on_accepted;
    /// Told the errno when the system lacks descriptors or memory (or the socket is broken), at
    /// most once in kPause. May be empty.
    std::function<void(int)> on_exhausted;
  };

  /// `socket` listens and does not block. Throws std::system_error when the loop cannot watch it.
  Listener(event::EventLoop& loop, UniqueFd socket, Callbacks callbacks);
  ~Listener() override;

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  /// Connections since the backlog was last seen empty: so far accept is behind, or was.
  [[nodiscard]] std::size_t acceptedInARow() const noexcept { return in_a_row_; }

  /// Accepts all who are in the backlog now, before the listener goes: they would be cut off.
  void acceptBacklog();

  /// Rest after a failed accept; who comes meanwhile waits in the backlog. Without it, a connection
  /// that cannot be accepted would be tried again in each turn.
  static constexpr Duration kPause{100};
  /// Connections of one turn, then the loop's other work has its turn.
  static constexpr int kAcceptsPerTurn = 64;

 private:
  void onEvent(event::Readiness readiness) override;
  void onReady() override;
  void onTimer(TimePoint now) override;
  /// True when there may be more.
  bool acceptSome();
  void acceptInTurns();
  [[nodiscard]] bool turnOneAway();

  event::EventLoop& loop_;
  UniqueFd socket_;
  /// Given up for a moment when there are no descriptors left, so that whoever waits in the backlog
  /// is closed and can go elsewhere, instead of waiting for ever.
  UniqueFd reserve_;
  Callbacks callbacks_;
  std::size_t in_a_row_ = 0;
};

}  // namespace peerpool::net
