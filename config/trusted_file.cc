#include "config/trusted_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/units.h"
#include "config/wording.h"
#include "config/yaml_reader.h"

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

std::string readAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileSize + 1, '\0');
  if (!file ||
      (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof())) {
    throwError(path);
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

std::optional<std::string> TrustedFiles::read(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
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
  bool good = checkParents(path, subject);
  if (!trusts(status.st_uid)) {
    out_.error(subject.where, "", "the file belongs to uid " + std::to_string(status.st_uid),
               "only root and the service may own it: chown root " + path);
    good = false;
  }
  if ((status.st_mode & kWriteByOthers) != 0) {
    out_.error(subject.where, "",
               "others may write the file (mode " + printMode(status.st_mode & 07777U) + ")",
               "chmod go-w " + path);
    good = false;
  }
  // From here on nobody else can put another file in its place. One that others can replace is not
  // opened at all: it could be a FIFO by now, or a file whose lines must not be shown.
  return good ? std::optional<std::string>(readAll(path)) : std::nullopt;
}

void TrustedFiles::checkSecret(const std::string& path, const Location& where,
                               const std::string& key) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    out_.error(where, key, path + ": " + std::system_category().message(errno),
               "write the password into it, with mode 0600");
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
  (void)checkParents(path, {where, key});
}

bool TrustedFiles::checkParents(const std::string& path, const Subject& subject) {
  std::deque<std::string> parts;
  prepend(parts, std::filesystem::absolute(path).native());
  std::string current;  // Without a slash at the end; empty is the root.
  int links = 0;
  bool good = true;
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
    good = checkDirectory(current.empty() ? "/" : current, subject) && good;
    std::string next = current;
    next.append("/").append(part);
    struct stat status {};
    if (::lstat(next.c_str(), &status) != 0) {
      out_.error(subject.where, subject.key, next + ": " + std::system_category().message(errno),
                 "every directory on the way must be there and be searchable");
      return false;
    }
    if (!S_ISLNK(status.st_mode)) {
      current = next;
      continue;
    }
    if (!trusts(status.st_uid)) {
      out_.error(subject.where, subject.key,
                 "the symbolic link " + next + " belongs to uid " + std::to_string(status.st_uid),
                 "only root and the service may own it");
      good = false;
    }
    const std::filesystem::path target = std::filesystem::read_symlink(next);
    if (++links > kMostLinks) {
      out_.error(subject.where, subject.key, "too many symbolic links in " + path,
                 "name the file itself");
      return false;
    }
    if (target.is_absolute()) {
      current.clear();
    }
    prepend(parts, target.native());
  }
  return good;
}

bool TrustedFiles::checkDirectory(const std::string& path, const Subject& subject) {
  const auto known = checked_.find(path);
  if (known != checked_.end()) {
    return known->second;
  }
  const bool good = judgeDirectory(path, subject);
  checked_.emplace(path, good);
  return good;
}

bool TrustedFiles::judgeDirectory(const std::string& path, const Subject& subject) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    throwError(path);
  }
  if (!trusts(status.st_uid)) {
    out_.error(subject.where, subject.key,
               "the directory " + path + " belongs to uid " + std::to_string(status.st_uid),
               "its owner could replace what is in it");
    return false;
  }
  if ((status.st_mode & kWriteByOthers) == 0) {
    return true;
  }
  const std::string message = "others may write the directory " + path + " (mode " +
                              printMode(status.st_mode & 07777U) + ")";
  if ((status.st_mode & S_ISVTX) != 0 && status.st_uid == 0) {
    out_.warning(subject.where, subject.key, message);
    return true;
  }
  out_.error(subject.where, subject.key, message, "chmod go-w " + path);
  return false;
}

}  // namespace peerpool::config
