// Tells when something may have appeared at the path of a socket: inotify(7) on a loop.

#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::net {

/// Watches the deepest directory on the way to the socket that exists, for the name that comes
/// next; so a directory that is removed together with the service and made again is followed. What
/// it says is a hint: a directory further up that is renamed is not seen, and nothing is where the
/// kernel gives no more watches (/proc/sys/fs/inotify). Whoever uses it asks from time to time too.
class SocketWatch final : public event::Deletable, private event::Watcher {
 public:
  /// `on_appeared` comes from the loop; it may not destroy the watch, but leave it to
  /// EventLoop::deleteLater(). `loop` outlives it. `path` is absolute.
  SocketWatch(event::EventLoop& loop, std::string path, std::function<void()> on_appeared);
  ~SocketWatch() override;
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// Is the kernel watching for us?
  [[nodiscard]] bool active() const noexcept { return watch_ >= 0; }

 private:
  void onEvent(event::Readiness readiness) override;
  [[nodiscard]] bool readEvents();
  void watchDeepest();
  [[nodiscard]] bool watchDirectory(const std::string& directory);

  event::EventLoop& loop_;
  const std::string path_;
  const std::function<void()> on_appeared_;
  UniqueFd inotify_;
  int watch_ = -1;     // Of the watched directory.
  std::string name_;   // What is awaited in it: the socket, or the next directory on the way.
  bool last_ = false;  // name_ is the socket's.
};

}  // namespace peerpool::net
