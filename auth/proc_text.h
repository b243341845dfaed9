// Files of /proc/PID as text, and the pieces of it.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/process_handle.h"

namespace peerpool::auth {

/// The mount "/" comes early in mountinfo; all other files are shorter.
inline constexpr std::size_t kMostProcText = std::size_t{16} * 1024;

/// The file `name` below the open directory `directory`, its first `most` bytes; no value when it
/// cannot be read, errno says why.
[[nodiscard]] std::optional<std::string> readBelow(int directory, const char* name,
                                                   std::size_t most = kMostProcText);

/// What follows `key` at the beginning of a line, to its end; empty when there is no such line.
[[nodiscard]] std::string_view lineAfter(std::string_view text, std::string_view key);

/// The words between spaces and tabs.
[[nodiscard]] std::vector<std::string_view> fieldsOf(std::string_view line);

/// Of the process with the open directory `directory`; no value: it cannot be read.
[[nodiscard]] std::optional<uid_t> effectiveUid(const ProcessInfo& info, int directory);

/// The kind of file system ("ext4", "fuse.sshfs") of the mount with this number in a mountinfo;
/// empty: there is none.
[[nodiscard]] std::string_view fileSystemOf(std::string_view mountinfo, std::uint64_t mount);

}  // namespace peerpool::auth
