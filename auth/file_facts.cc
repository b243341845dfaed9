// lstat(2), realpath(3) and whether there is an ACL.

#include "auth/file_facts.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace peerpool::auth {
namespace {

constexpr mode_t kPermissionBits = 07777;

std::string realPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> found(::realpath(path.c_str(), nullptr),
                                                          &std::free);
  return found ? std::string(found.get()) : std::string();
}

}  // namespace

Result<std::optional<PathFacts>> SystemFileFacts::look(const std::string& path) const {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::optional<PathFacts>();
    }
    return Error{ErrorCode::System,
                 path + ": " + std::error_code(errno, std::generic_category()).message()};
  }
  PathFacts result;
  result.owner = facts.st_uid;
  result.group = facts.st_gid;
  result.mode = facts.st_mode & kPermissionBits;
  if (S_ISLNK(facts.st_mode)) {
    result.kind = PathFacts::Kind::Symlink;
    result.real_path = realPath(path);
    return std::optional<PathFacts>(std::move(result));
  }
  result.kind = S_ISDIR(facts.st_mode) ? PathFacts::Kind::Directory : PathFacts::Kind::Other;
  result.has_acl = ::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
  return std::optional<PathFacts>(std::move(result));
}

}  // namespace peerpool::auth
