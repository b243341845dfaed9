// statx(2), realpath(3) and whether there is an ACL.

#include "auth/file_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "auth/file_status.h"
#include "proxy/base/unique_fd.h"

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
  const std::optional<FileStatus> status = fileStatus(AT_FDCWD, path.c_str());
  if (!status) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::optional<PathFacts>();
    }
    return Error{ErrorCode::System,
                 path + ": " + std::error_code(errno, std::generic_category()).message()};
  }
  PathFacts result;
  result.owner = status->owner;
  result.group = status->group;
  result.mode = status->mode & kPermissionBits;
  result.id = status->id;
  if (S_ISLNK(status->mode)) {
    result.kind = PathFacts::Kind::Symlink;
    result.real_path = realPath(path);
    return std::optional<PathFacts>(std::move(result));
  }
  result.kind = S_ISDIR(status->mode)   ? PathFacts::Kind::Directory
                : S_ISREG(status->mode) ? PathFacts::Kind::File
                                        : PathFacts::Kind::Other;
  result.has_acl = ::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
  return std::optional<PathFacts>(std::move(result));
}

bool SystemFileFacts::isScript(const std::string& path) const {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, 2> head{};
  return file && ::read(file.get(), head.data(), head.size()) == 2 && head[0] == '#' &&
         head[1] == '!';
}

}  // namespace peerpool::auth
