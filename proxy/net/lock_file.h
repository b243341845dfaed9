// The lock file beside a socket file: NAME.lock. It says "this name is mine" while the socket is
// not yet listening, which a connection attempt could not tell. On .s.PGSQL.N it is PostgreSQL's
// own.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/base/unique_fd.h"

namespace peerpool::net {

/// What a lock file says. The five lines of PostgreSQL's: pid, data directory (here the word
/// "peerpool"), start time in seconds since 1970, port (0 on other names), directory of the socket.
struct LockContent {
  pid_t pid = 0;  ///< Of the holder; PostgreSQL's sign for a single-user server is dropped.
  std::string data_directory;
  [[nodiscard]] bool writtenByPeerpool() const noexcept { return data_directory == "peerpool"; }
};

/// None when the first line is no pid. Missing other lines are empty.
[[nodiscard]] std::optional<LockContent> parseLockContent(std::string_view text);

/// N of ".s.PGSQL.N", or 0 for any other name.
[[nodiscard]] unsigned postgresPort(std::string_view socket_name) noexcept;

/// Holds NAME.lock from construction to destruction, which removes it (if it is still ours).
///
/// Among peerpool processes an flock(2) on the file decides: it ends with the process, so what a
/// killed one left behind is taken over at once, even if its pid is in use again. A file that
/// peerpool did not write is PostgreSQL's, which takes no flock: it is in force while its process
/// lives. The file appears complete and locked; mode 0600 matters, since PostgreSQL takes a lock of
/// another account's live process for stale if it can read it.
class LockFile {
 public:
  /// `directory_fd` is a checked one (O_PATH is enough) that outlives this; `directory` is its
  /// path. Throws std::system_error; EADDRINUSE when somebody holds the lock.
  LockFile(int directory_fd, const std::string& directory, const std::string& socket_name);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// False when somebody removed or replaced the file meanwhile.
  [[nodiscard]] bool inPlace() const noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  enum class Outcome : std::uint8_t { Taken, TryAgain };
  Outcome tryTake();
  Outcome judgeExisting(const UniqueFd& existing);
  UniqueFd writeFresh(const std::string& temporary_name);
  [[noreturn]] void refuseUnreadable(int error);

  int directory_fd_;
  std::string directory_;
  std::string socket_name_;
  std::string name_;
  std::string path_;
  UniqueFd fd_;
};

}  // namespace peerpool::net
