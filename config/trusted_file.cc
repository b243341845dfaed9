#include "config/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "config/units.h"
#include "config/wording.h"
#include "config/yaml_reader.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::config {
namespace {

constexpr mode_t kWriteByOthers = 0022;
constexpr mode_t kAccessByOthers = 0077;
/// As the kernel's limit, path_resolution(7).
constexpr int kMostLinks = 40;

[[noreturn]] void throwError(const std::string& path) {
  throw std::system_error(errno, std::system_category(), path);
}

/// Puts the parts of `path` before what is still to be walked.
void prepend(std::deque<std::string>& parts, std::string_view path) {
  std::size_t at = 0;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(at++),
                 std::string(path.substr(0, end)));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
}

std::string parentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string readAll(int fd, const std::string& path) {
  std::string text;
  std::array<char, 65536> chunk{};
  while (text.size() <= kMaxFileSize) {
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      throwError(path);
    }
    if (count == 0) {
      break;
    }
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

std::optional<std::string> TrustedFiles::read(const std::string& path) {
  // Without O_NONBLOCK the open of a FIFO would wait for its writer.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    throwError(path);
  }
  if (!S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    throwError(path);
  }
  if (!read_.insert({status.st_dev, status.st_ino}).second) {
    return std::nullopt;
  }
  const Subject subject{{path, 0, 0}, ""};
  if (!trusts(status.st_uid)) {
    out_.error(subject.where, "", "the file belongs to uid " + std::to_string(status.st_uid),
               "only root and the service may own it: chown root " + path);
  }
  if ((status.st_mode & kWriteByOthers) != 0) {
    out_.error(subject.where, "",
               "others may write the file (mode " + printMode(status.st_mode & 07777U) + ")",
               "chmod go-w " + path);
  }
  checkParents(path, subject);
  return readAll(file.get(), path);
}

void TrustedFiles::checkSecret(const std::string& path, const Location& where,
                               const std::string& key) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    out_.error(where, key, path + ": " + std::system_category().message(errno));
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    out_.error(where, key, path + " is not a regular file",
               "name the file itself, not a link to it");
    return;
  }
  if (!trusts(status.st_uid)) {
    out_.error(where, key, path + " belongs to uid " + std::to_string(status.st_uid),
               "a secret belongs to root or to the service");
  }
  if ((status.st_mode & kAccessByOthers) != 0) {
    out_.error(
        where, key,
        "others have access to " + path + " (mode " + printMode(status.st_mode & 07777U) + ")",
        "chmod 0600 " + path);
  }
  checkParents(path, {where, key});
}

void TrustedFiles::checkParents(const std::string& path, const Subject& subject) {
  std::deque<std::string> parts;
  prepend(parts, std::filesystem::absolute(path).native());
  std::string current;  // Without a slash at the end; empty is the root.
  int links = 0;
  while (!parts.empty()) {
    const std::string part = std::move(parts.front());
    parts.pop_front();
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == "..") {
      current = parentOf(current);
      continue;
    }
    checkDirectory(current.empty() ? "/" : current, subject);
    const std::string next = current + '/' + part;
    struct stat status {};
    if (::lstat(next.c_str(), &status) != 0) {
      out_.error(subject.where, subject.key, next + ": " + std::system_category().message(errno));
      return;
    }
    if (!S_ISLNK(status.st_mode)) {
      current = next;
      continue;
    }
    if (!trusts(status.st_uid)) {
      out_.error(subject.where, subject.key,
                 "the symbolic link " + next + " belongs to uid " + std::to_string(status.st_uid),
                 "only root and the service may own it");
    }
    const std::filesystem::path target = std::filesystem::read_symlink(next);
    if (++links > kMostLinks) {
      out_.error(subject.where, subject.key, "too many symbolic links in " + path);
      return;
    }
    if (target.is_absolute()) {
      current.clear();
    }
    prepend(parts, target.native());
  }
}

void TrustedFiles::checkDirectory(const std::string& path, const Subject& subject) {
  struct stat status {};
  if (!checked_.insert(path).second || ::lstat(path.c_str(), &status) != 0) {
    return;
  }
  if (!trusts(status.st_uid)) {
    out_.error(subject.where, subject.key,
               "the directory " + path + " belongs to uid " + std::to_string(status.st_uid),
               "its owner could replace what is in it");
    return;
  }
  if ((status.st_mode & kWriteByOthers) == 0) {
    return;
  }
  const std::string message = "others may write the directory " + path + " (mode " +
                              printMode(status.st_mode & 07777U) + ")";
  if ((status.st_mode & S_ISVTX) != 0 && status.st_uid == 0) {
    out_.warning(subject.where, subject.key, message);
  } else {
    out_.error(subject.where, subject.key, message, "chmod go-w " + path);
  }
}

}  // namespace peerpool::config
