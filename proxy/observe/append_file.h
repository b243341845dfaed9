// A file that only grows and that logrotate may rename: for the log and for the audit log.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/base/unique_fd.h"

namespace peerpool::observe {

/// Opened for appending, made with mode 0640 when it is missing. A symbolic link at the last part
/// of the path, another kind of file than a regular one or a device, one with a second name, and
/// one that belongs to neither root nor the effective uid are refused: lines must not end up where
/// somebody else wants them. One thread at a time.
class AppendFile {
 public:
  /// Throws std::system_error with `what` and the path.
  AppendFile(std::string path, std::string what);

  /// Opens the path anew: the renamed file goes, a new one comes. When that fails, the file that is
  /// open stays. Throws as the constructor does.
  void reopen();

  /// Writes all or throws std::system_error. What was written before the failure is in `written`.
  void append(std::string_view bytes, std::size_t& written);

  /// The last `most` bytes of a regular file, or all it has; empty when it cannot be read.
  [[nodiscard]] std::string tail(std::size_t most) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  [[nodiscard]] UniqueFd open() const;
  [[noreturn]] void fail(int error, const std::string& why) const;

  std::string path_;
  std::string what_;
  UniqueFd fd_;
};

}  // namespace peerpool::observe
