// Tells when one of some files has changed in any way that its inode knows: inotify(7) on a loop.

#pragma once

#include <functional>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::net {

/// Mode, owner, access control list, names: a hint to look again, and none where the kernel gives
/// no more watches or the file may not be read. Whoever uses it looks from time to time too.
class InodeWatch final : private event::Watcher {
 public:
  /// `on_changed` comes from the loop, and may not destroy the watch. `loop` outlives it.
  InodeWatch(event::EventLoop& loop, std::function<void()> on_changed);
  ~InodeWatch();
  InodeWatch(const InodeWatch&) = delete;
  InodeWatch& operator=(const InodeWatch&) = delete;

  /// From now on these and no others; `fds` may be O_PATH ones and are needed for this call only.
  void watch(const std::vector<int>& fds);

 private:
  void onEvent(event::Readiness readiness) override;
  void close();

  event::EventLoop& loop_;
  const std::function<void()> on_changed_;
  UniqueFd inotify_;
};

}  // namespace peerpool::net
