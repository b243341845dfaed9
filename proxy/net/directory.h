// Directories of socket files: checked from the root down, and made. Whoever can write in one of
// them can put their own socket in place of ours, so no step follows a symbolic link.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "proxy/net/access.h"

namespace peerpool::net {

/// An O_PATH descriptor, and what an admin should know though it is no error.
struct CheckedDirectory {
  UniqueFd fd;
  std::vector<std::string> warnings;
};

/// Opens `path` (absolute, without "." and "..") if it and every directory above it belongs to root
/// or to this process' effective uid and nobody else may write in it. A sticky one of root's that
/// others may write (/tmp) is a warning: files there cannot be replaced, but names can be taken.
/// Throws std::system_error that says which directory, what is wrong and how to mend it; for a
/// symbolic link, the path to write instead.
[[nodiscard]] CheckedDirectory openCheckedDirectory(const std::string& path);

/// `mode`: permission bits and setgid; never writable for group or others.
struct DirectoryOptions {
  std::string path;
  mode_t mode = 0755;
  std::optional<uid_t> owner;  ///< None: this process.
  std::optional<gid_t> group;  ///< None: as created, this process' or a setgid parent's.
};

/// Makes the directory with exactly these permissions, whatever the umask, and its missing parents
/// with mode 0755. One that exists is mended if it is this process' own (or, for root, already the
/// configured owner's) and otherwise must be as asked; ACL entries of others that it has are kept.
/// Parents are checked as by openCheckedDirectory(). Returns warnings; throws std::system_error.
std::vector<std::string> createDirectory(const DirectoryOptions& options);

/// Lets `entries` search (x, not list) the directory, by ACL: they are allowed to connect to a
/// socket in it but may have no way in by its mode. Adds, never takes away. The directory must be
/// this process' own.
void grantSearch(const std::string& path, const std::vector<AclEntry>& entries);

}  // namespace peerpool::net
