// open(2) with suspicion.

#include "proxy/observe/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace peerpool::observe {
namespace {

/// Why lines should not go to a file with these properties, or an empty text.
std::string whyUnsafe(const struct stat& facts) {
  if (!S_ISREG(facts.st_mode) && !S_ISCHR(facts.st_mode)) {
    return "is no regular file";
  }
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid()) {
    return "belongs to uid " + std::to_string(facts.st_uid) + ", not to root or the service";
  }
  if (S_ISREG(facts.st_mode) && facts.st_nlink > 1) {
    return "has a second name (hard link)";
  }
  return {};
}

/// A process that ended in the middle of a line must not garble the next one's first.
void endLastLine(int fd, const struct stat& facts) {
  char last = '\n';
  if (S_ISREG(facts.st_mode) && facts.st_size > 0 &&
      ::pread(fd, &last, 1, facts.st_size - 1) == 1 && last != '\n') {
    (void)!::write(fd, "\n", 1);  // In vain on a full disk, where the first line fails too.
  }
}

}  // namespace

AppendFile::AppendFile(std::string path, std::string what)
    : path_(std::move(path)), what_(std::move(what)), fd_(open()) {}

void AppendFile::reopen() { fd_ = open(); }

UniqueFd AppendFile::open() const {
  // O_NONBLOCK: a FIFO must not wait for a reader. It is refused below, and means nothing to files.
  UniqueFd fd(::open(path_.c_str(),
                     O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK,
                     0640));
  if (!fd) {
    fail(errno, errno == ELOOP ? "is a symbolic link" : "");
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) {
    fail(errno, "");
  }
  if (const std::string unsafe = whyUnsafe(facts); !unsafe.empty()) {
    fail(EPERM, unsafe);
  }
  endLastLine(fd.get(), facts);
  return fd;
}

void AppendFile::append(std::string_view bytes, std::size_t& written) {
  written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(fd_.get(), bytes.data() + written, bytes.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      fail(count == 0 ? ENOSPC : errno, "");
    }
  }
}

std::string AppendFile::tail(std::size_t most) const {
  struct stat facts {};
  if (::fstat(fd_.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return {};
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  std::string bytes(std::min(size, most), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count = ::pread(fd_.get(), bytes.data() + have, bytes.size() - have,
                                  static_cast<off_t>(size - bytes.size() + have));
    if (count <= 0) {
      return {};
    }
    have += static_cast<std::size_t>(count);
  }
  return bytes;
}

void AppendFile::fail(int error, const std::string& why) const {
  throw std::system_error(error, std::generic_category(),
                          what_ + ' ' + path_ + (why.empty() ? "" : ' ' + why));
}

}  // namespace peerpool::observe
