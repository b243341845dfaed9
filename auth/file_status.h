// statx(2) of a path or of an open file, as a value. Waits for no server of a network file system.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "auth/file_id.h"

namespace peerpool::auth {

struct FileStatus {
  FileId id;
  mode_t mode = 0;  ///< Kind and permissions.
  uid_t owner = 0;
  gid_t group = 0;
  std::uint64_t links = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  ///< Nanoseconds since 1970, as is the next.
  std::int64_t changed = 0;
  std::uint64_t mount = 0;  ///< Its number in /proc/PID/mountinfo.
};

/// Of `name` below the open directory `directory` (or AT_FDCWD); a symbolic link is not followed,
/// except one of /proc that leads to no name. An empty `name`: of `directory` itself, which may be
/// any file. No value: errno says why.
[[nodiscard]] std::optional<FileStatus> fileStatus(int directory, const char* name,
                                                   bool follow = false) noexcept;

}  // namespace peerpool::auth
