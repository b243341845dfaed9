// Which file something is, by what the kernel counts and not by its name.

#pragma once

#include <cstdint>

namespace peerpool::auth {

/// Equal only for the same file. An inode's number is given to another file once nobody needs it;
/// the time of birth then differs.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;  ///< Nanoseconds since 1970; 0: the file system does not keep it.

  friend bool operator==(const FileId&, const FileId&) = default;
};

}  // namespace peerpool::auth
