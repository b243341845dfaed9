#include "proxy/net/directory_undo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <utility>

#include "proxy/net/file_error.h"

namespace peerpool::net {
namespace {

std::string withoutLastPart(const std::string& path) {
  return path.substr(0, path.find_last_of('/'));
}

bool exists(const std::string& path) {
  struct stat file {};
  return ::lstat(path.c_str(), &file) == 0;
}

}  // namespace

DirectoryUndo::DirectoryUndo(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') {
    path_.pop_back();
  }
  fd_.reset(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd_) {
    const struct stat file = statDescriptor(fd_.get(), path_);
    before_ = Before{file.st_uid, file.st_gid, readAccessList(fd_.get(), path_)};
    return;
  }
  if (errno != ENOENT) {
    throwFileError(errno, "cannot look at directory " + path_);
  }
  for (std::string part = path_; !part.empty() && !exists(part); part = withoutLastPart(part)) {
    first_missing_ = part;
  }
}

DirectoryUndo::DirectoryUndo(DirectoryUndo&& other) noexcept
    : path_(std::move(other.path_)),
      first_missing_(std::move(other.first_missing_)),
      fd_(std::move(other.fd_)),
      before_(std::move(other.before_)),
      active_(std::exchange(other.active_, false)) {}

DirectoryUndo::~DirectoryUndo() {
  if (!active_) {
    return;
  }
  if (before_) {
    try {
      changeOwner(fd_.get(), before_->owner, before_->group, path_);
      writeAccessList(fd_.get(), before_->access, path_);
    } catch (const std::exception&) {
      return;  // It was changed a moment ago, so this does not happen; and nobody could help.
    }
    return;
  }
  for (std::string part = path_; part.size() >= first_missing_.size() && !part.empty();
       part = withoutLastPart(part)) {
    if (::rmdir(part.c_str()) != 0) {
      return;
    }
  }
}

}  // namespace peerpool::net
