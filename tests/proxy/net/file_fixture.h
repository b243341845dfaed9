// What the tests of socket files share: a scratch directory, other accounts, clients of each kind.

#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "proxy/net/socket_file.h"
#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::net {

using testing::Credentials;
using testing::readFile;
using testing::skipWithoutRoot;
using testing::writeFile;

/// A private directory with mode 0755, removed with all in it.
class ScratchDirectory {
 public:
  /// `below`: where; the default is sticky and writable by others, so each socket in it gets a
  /// warning.
  explicit ScratchDirectory(const std::string& below = "/tmp");
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + '/' + name; }
  /// Sorted, without "." and "..".
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::string path_;
};

/// Sets the umask for a scope.
class UmaskScope {
 public:
  explicit UmaskScope(mode_t mask) : before_(::umask(mask)) {}
  ~UmaskScope() { ::umask(before_); }
  UmaskScope(const UmaskScope&) = delete;
  UmaskScope& operator=(const UmaskScope&) = delete;

 private:
  mode_t before_;
};

/// Forks; the child becomes `account` for good (nothing changes for uid 0) and ends with what
/// `work` returns, 0-255.
[[nodiscard]] pid_t startAs(const Credentials& account, const std::function<int()>& work);
/// The exit status of such a child, or -1 if it was killed.
[[nodiscard]] int finish(pid_t pid);
[[nodiscard]] int runAs(const Credentials& account, const std::function<int()>& work);

/// A non-blocking socket of `kind`, and one attempt to connect it: 0 or an errno. After an errno it
/// can be tried again.
[[nodiscard]] UniqueFd makeClient(SocketKind kind);
[[nodiscard]] int tryConnect(int fd, const std::string& path);
/// The same with one byte in a datagram, which needs no connection.
[[nodiscard]] int trySend(int fd, const std::string& path);
/// One attempt to connect a new socket of `kind`: 0 or an errno.
[[nodiscard]] int connectTo(const std::string& path, SocketKind kind = SocketKind::Stream);
/// The same as another account.
[[nodiscard]] int connectAs(const Credentials& account, const std::string& path,
                            SocketKind kind = SocketKind::Stream);

/// A bound socket, made the plain way. Listens unless told not to (a datagram socket never does).
[[nodiscard]] UniqueFd bindPlainly(const std::string& path, SocketKind kind = SocketKind::Stream,
                                   bool listening = true);

/// lstat() that must succeed.
[[nodiscard]] struct stat statOf(const std::string& path);

/// The message of the std::system_error that `action` throws, or "" if it throws none.
[[nodiscard]] std::string errorOf(const std::function<void()>& action);
/// True when `text` contains each of `parts`.
[[nodiscard]] bool containsAll(const std::string& text, const std::vector<std::string>& parts);

}  // namespace peerpool::net
