// Taking NAME.lock, against other peerpools (flock) and PostgreSQL (pid).

#include "proxy/net/lock_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "proxy/net/file_error.h"
#include "proxy/net/temporary_name.h"

namespace peerpool::net {

namespace {

constexpr std::string_view kPostgresPrefix = ".s.PGSQL.";
constexpr int kAttempts = 100;  // As PostgreSQL; each one means that another process came between.

// The text up to the next newline, which is taken away with it.
std::string_view nextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

template <typename Number>
bool parseNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string readSmallFile(int fd) {
  std::array<char, 4096> buffer{};
  const ssize_t length = ::pread(fd, buffer.data(), buffer.size(), 0);
  return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

void writeAll(int fd, std::string_view text, const std::string& path) {
  const ssize_t written = ::write(fd, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    throwFileError(written < 0 ? errno : ENOSPC, "cannot write " + path);
  }
}

// kill() tells EPERM for a living process of somebody else.
bool alive(pid_t pid) { return pid != ::getpid() && (::kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace

std::optional<LockContent> parseLockContent(std::string_view text) {
  LockContent content;
  std::int32_t pid = 0;
  if (!parseNumber(nextLine(text), pid) || pid == 0 || pid == INT32_MIN) {
    return std::nullopt;
  }
  content.pid = pid < 0 ? -pid : pid;
  content.data_directory = nextLine(text);
  return content;
}

unsigned postgresPort(std::string_view socket_name) noexcept {
  unsigned port = 0;
  if (socket_name.substr(0, kPostgresPrefix.size()) != kPostgresPrefix ||
      !parseNumber(socket_name.substr(kPostgresPrefix.size()), port) || port > 65535) {
    return 0;
  }
  return port;
}

LockFile::LockFile(int directory_fd, const std::string& directory, const std::string& socket_name)
    : directory_fd_(directory_fd),
      directory_(directory),
      socket_name_(socket_name),
      name_(socket_name + ".lock"),
      path_(directory + '/' + name_) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (tryTake() == Outcome::Taken) {
      return;
    }
  }
  throwFileError(EBUSY, "lock file " + path_ + " keeps changing");
}

LockFile::~LockFile() {
  if (inPlace()) {
    ::unlinkat(directory_fd_, name_.c_str(), 0);
  }
}

bool LockFile::inPlace() const noexcept { return isNamed(directory_fd_, name_, fd_.get()); }

LockFile::Outcome LockFile::tryTake() {
  // O_NONBLOCK: somebody may have put a fifo there.
  const UniqueFd existing(::openat(directory_fd_, name_.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (existing) {
    if (judgeExisting(existing) == Outcome::TryAgain) {
      return Outcome::TryAgain;
    }
  } else if (errno != ENOENT) {
    refuseUnreadable(errno);
  }
  const std::string temporary_name = makeTemporaryName(socket_name_);
  UniqueFd fresh = writeFresh(temporary_name);
  // Replacing a stale file is safe under its flock; a new one must not hide somebody else's.
  const int result =
      existing ? ::renameat(directory_fd_, temporary_name.c_str(), directory_fd_, name_.c_str())
               : ::linkat(directory_fd_, temporary_name.c_str(), directory_fd_, name_.c_str(), 0);
  const int error = errno;
  if (result != 0 || !existing) {
    ::unlinkat(directory_fd_, temporary_name.c_str(), 0);
  }
  // ENOENT: whoever took the lock meanwhile cleaned our temporary file away.
  if (result != 0 && error != EEXIST && error != ENOENT) {
    throwFileError(error, "cannot put the lock file in place: " + path_);
  }
  if (result != 0 || !isNamed(directory_fd_, name_, fresh.get())) {
    return Outcome::TryAgain;
  }
  fd_ = std::move(fresh);
  return Outcome::Taken;
}

// Taken: the file is stale, its flock is held through `existing`, and it may be replaced.
LockFile::Outcome LockFile::judgeExisting(const UniqueFd& existing) {
  const struct stat file = statDescriptor(existing.get(), path_);
  if (!S_ISREG(file.st_mode)) {
    throwFileError(EEXIST, "lock file " + path_ + " is " + describeFile(file) + "; remove it");
  }
  const bool locked = ::flock(existing.get(), LOCK_EX | LOCK_NB) == 0;
  if (!isNamed(directory_fd_, name_, existing.get())) {
    return Outcome::TryAgain;
  }
  const std::string text = readSmallFile(existing.get());
  const std::optional<LockContent> content = parseLockContent(text);
  const std::string holder = content ? "process " + std::to_string(content->pid) : "a process";
  if (!locked) {
    throwFileError(EADDRINUSE, directory_ + '/' + socket_name_ + " is in use: " + holder +
                                   " holds the lock file " + path_ +
                                   "; stop it or choose another path");
  }
  if (!content) {
    throwFileError(EEXIST, "lock file " + path_ + (text.empty() ? " is empty" : " holds no pid") +
                               " (" + describeFile(file) +
                               "): a server is just starting, or crashed while it did; if none "
                               "runs, remove the file");
  }
  if (!content->writtenByPeerpool() && alive(content->pid)) {
    throwFileError(EADDRINUSE, directory_ + '/' + socket_name_ + " is in use: lock file " + path_ +
                                   " belongs to " + holder + ", a server with data directory " +
                                   content->data_directory +
                                   "; stop it, or give it another unix_socket_directories or port");
  }
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) {
    throwFileError(EEXIST, "lock file " + path_ + " is stale but not ours: " + describeFile(file) +
                               "; remove it");
  }
  return Outcome::Taken;
}

// A complete, locked file under a temporary name.
UniqueFd LockFile::writeFresh(const std::string& temporary_name) {
  UniqueFd fresh(::openat(directory_fd_, temporary_name.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fresh) {
    throwFileError(errno, "cannot make lock file " + path_ + " as uid " +
                              std::to_string(::geteuid()) +
                              "; this account must be able to write in the directory");
  }
  try {
    if (::fchmod(fresh.get(), 0600) != 0 || ::flock(fresh.get(), LOCK_EX | LOCK_NB) != 0) {
      throwFileError(errno, "cannot lock " + path_);
    }
    const struct stat file = statDescriptor(fresh.get(), path_);  // Its birth is the start time.
    writeAll(fresh.get(),
             std::to_string(::getpid()) + "\npeerpool\n" + std::to_string(file.st_ctime) + '\n' +
                 std::to_string(postgresPort(socket_name_)) + '\n' + directory_ + '\n',
             path_);
  } catch (...) {
    ::unlinkat(directory_fd_, temporary_name.c_str(), 0);
    throw;
  }
  return fresh;
}

void LockFile::refuseUnreadable(int error) {
  struct stat file {};
  std::string text = "cannot open lock file " + path_;
  if (::fstatat(directory_fd_, name_.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0) {
    text += " (" + describeFile(file) +
            "): another server may hold the name; stop it, or remove the "
            "file if none runs";
  }
  throwFileError(error, text);
}

}  // namespace peerpool::net
