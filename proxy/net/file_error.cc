// Words for files; see the header.

#include "proxy/net/file_error.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace peerpool::net {

std::string describeKind(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFSOCK:
      return "a socket";
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a fifo";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    default:
      return "a file of unknown kind";
  }
}

std::string describeMode(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

std::string describeFile(const struct stat& file) {
  return describeKind(file.st_mode) + " of uid " + std::to_string(file.st_uid) + ", gid " +
         std::to_string(file.st_gid) + ", mode " + describeMode(file.st_mode);
}

void throwFileError(int error, const std::string& text) {
  throw std::system_error(error, std::generic_category(), text);
}

std::string descriptorPath(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

bool isNamed(int directory_fd, const std::string& name, int fd) noexcept {
  struct stat by_name {};
  struct stat by_fd {};
  return ::fstatat(directory_fd, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
         by_name.st_ino == by_fd.st_ino;
}

struct stat statDescriptor(int fd, const std::string& path) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) {
    throwFileError(errno, "cannot look at " + path);
  }
  return file;
}

}  // namespace peerpool::net
