// Puts a directory back as it was: for who changes several things and wants all or none.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "proxy/base/unique_fd.h"
#include "proxy/net/access.h"

namespace peerpool::net {

/// Remembers owner, group and permissions of a directory, or that it is not there.
class DirectoryUndo {
 public:
  /// Looks at `path` (absolute) and changes nothing. Throws std::system_error when it can't.
  explicit DirectoryUndo(std::string path);
  /// Undoes as far as it goes, unless keep() was called: a directory that was not there is removed,
  /// and the missing ones above it, if they are empty.
  ~DirectoryUndo();
  DirectoryUndo(DirectoryUndo&& other) noexcept;
  DirectoryUndo& operator=(DirectoryUndo&&) = delete;
  DirectoryUndo(const DirectoryUndo&) = delete;
  DirectoryUndo& operator=(const DirectoryUndo&) = delete;

  void keep() noexcept { active_ = false; }

 private:
  struct Before {
    uid_t owner = 0;
    gid_t group = 0;
    AccessList access;
  };

  std::string path_;
  std::string first_missing_;  // The topmost part of path_ that is not there; empty: all of it is.
  UniqueFd fd_;                // O_PATH, of the directory if it is there.
  std::optional<Before> before_;
  bool active_ = true;
};

}  // namespace peerpool::net
