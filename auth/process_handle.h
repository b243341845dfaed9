// A process by its pidfd, which never means another one, however often its number is used again.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "proxy/base/result.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::auth {

/// What the kernel says of a process that is alive. Numbers are those of our own namespaces.
struct ProcessInfo {
  pid_t pid = 0;
  std::optional<uid_t> euid;               ///< As it is now; no value: this kernel does not say.
  std::optional<std::uint64_t> cgroup_id;  ///< Inode of its cgroup2 directory; the same.
};

/// Owns the descriptor. Any thread; blocks never.
class ProcessHandle {
 public:
  /// The process that connected (SO_PEERPIDFD, Linux 6.5), dead or alive. Error (System): the
  /// kernel gives none.
  [[nodiscard]] static Result<ProcessHandle> ofPeer(int socket);
  /// pidfd_open(2): whoever has this number now. Error (System).
  [[nodiscard]] static Result<ProcessHandle> ofPid(pid_t pid);

  /// A descriptor that somebody else passed. Error (System): it is no pidfd.
  [[nodiscard]] static Result<ProcessHandle> ofDescriptor(UniqueFd fd);

  /// Has it exited? A process of which only some threads have ended has not.
  [[nodiscard]] bool ended() const noexcept;
  /// Error (Closed): it has ended. (System): it is outside our pid namespace, or cannot be asked.
  [[nodiscard]] Result<ProcessInfo> info() const;
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] UniqueFd release() noexcept { return std::move(fd_); }

 private:
  explicit ProcessHandle(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// May a process be named by its socket here? Asked once at start, of a socket of our own.
[[nodiscard]] bool kernelNamesPeers();

}  // namespace peerpool::auth
