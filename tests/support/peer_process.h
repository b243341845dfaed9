// A process that connects to a socket of the test, as whoever and from wherever the test wants, and
// stays until it is told to go.

#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "proxy/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace peerpool::testing {

/// A listening stream socket in a directory that everybody can reach.
class PeerSocket {
 public:
  PeerSocket();
  [[nodiscard]] const std::string& directory() const noexcept { return directory_.path(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Waits for a client; throws std::system_error.
  [[nodiscard]] UniqueFd accept() const;

 private:
  TempDir directory_;
  std::string path_;
  UniqueFd fd_;
};

/// Connects; usable after fork(2). -1: errno says why not.
[[nodiscard]] int connectTo(const char* path) noexcept;

/// Runs its steps in a child, which may not allocate or throw.
class PeerProcess {
 public:
  struct Steps {
    /// Before it connects: take ids, namespaces, a cgroup. False: give up.
    std::function<bool()> prepare = [] { return true; };
    /// Connects, by default to the socket's path.
    std::string path = {};
    /// After it has been told to go on, see proceed(); then it ends.
    std::function<void()> afterwards = [] {};
    /// CLONE_NEW* to be born with. A process with threads cannot unshare(2) its user namespace, and
    /// a sanitizer gives each child of fork(2) a thread.
    int namespaces = 0;
  };
  /// Returns when it has connected. Throws std::runtime_error when it could not.
  PeerProcess(const PeerSocket& socket, const Steps& steps);
  /// Kills it if it still runs.
  ~PeerProcess();
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The accepted connection.
  [[nodiscard]] int fd() const noexcept { return accepted_.get(); }
  /// Lets it carry out `afterwards`.
  void let() noexcept { go_.reset(); }
  /// The same, and waits for its end; it is reaped then.
  void proceed();

 private:
  pid_t pid_ = -1;
  UniqueFd go_;  // Closing it lets the child go on.
  UniqueFd accepted_;
};

/// A process with the number `pid`, which must be free (clone3(2), set_tid); runs `body`, which
/// must not return. -1: errno says why not.
[[nodiscard]] pid_t forkWithPid(pid_t pid, const std::function<void()>& body);

}  // namespace peerpool::testing
