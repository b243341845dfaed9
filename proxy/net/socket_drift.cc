// What a socket file has become since it was made. The members of SocketFile that look and mend.

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "proxy/net/file_error.h"
#include "proxy/net/socket_file.h"

namespace peerpool::net {
namespace {

/// What has the name now; None when nothing has.
std::optional<struct stat> lookAt(int directory_fd, const std::string& name) {
  struct stat file {};
  if (::fstatat(directory_fd, name.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0) {
    return file;
  }
  return std::nullopt;
}

bool sameFile(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

std::string SocketFile::describe(const Permissions& permissions) {
  char mode[16];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(permissions.list.mode));
  std::string text = std::string("mode ") + mode + " owner " + std::to_string(permissions.owner) +
                     " group " + std::to_string(permissions.group);
  const char* separator = " acl ";
  for (const AccessList::Named& named : permissions.list.named) {
    text += separator;
    text += named.who.is_group ? "g:" : "u:";
    text += std::to_string(named.who.id) + ':' + std::to_string(named.permissions);
    separator = ",";
  }
  if (!permissions.list.named.empty()) {
    text += " mask " + std::to_string((permissions.mode >> 3U) & 07U);
  }
  return text;
}

std::optional<SocketFile::Drift> SocketFile::drift() const {
  if (!file_) {
    return std::nullopt;
  }
  const struct stat ours = statDescriptor(file_.get(), path());
  const auto named = lookAt(directory_.fd.get(), name_);
  const std::string expected = describe(permissions_) + " inode " + std::to_string(ours.st_ino);
  if (!named) {
    return Drift{Drift::Kind::Gone, expected, "removed"};
  }
  if (!sameFile(*named, ours)) {
    return Drift{Drift::Kind::Replaced, expected,
                 describeFile(*named) + " inode " + std::to_string(named->st_ino)};
  }
  if (const auto by_path = lookAt(AT_FDCWD, path()); !by_path || !sameFile(*by_path, ours)) {
    return Drift{Drift::Kind::Elsewhere, expected, "in a directory that was moved or hidden"};
  }
  const Permissions now = readPermissions(file_.get());
  if (now == permissions_) {
    return std::nullopt;
  }
  return Drift{Drift::Kind::Permissions, describe(permissions_), describe(now)};
}

void SocketFile::restorePermissions() {
  const Permissions now = readPermissions(file_.get());
  if (now.owner != permissions_.owner || now.group != permissions_.group) {
    // Whom the group bits would let in otherwise, for a moment: nobody at all is better.
    writeAccessList(file_.get(), {}, path());
    changeOwner(file_.get(), permissions_.owner, permissions_.group, path());
  }
  writeAccessList(file_.get(), accessListOf(options_.access, {}), path());
  permissions_ = readPermissions(file_.get());
}

}  // namespace peerpool::net
