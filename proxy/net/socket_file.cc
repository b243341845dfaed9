// The set-up sequence. Each step is safe only because of the ones before it; see SocketFile.

#include "proxy/net/socket_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "proxy/base/check.h"
#include "proxy/net/file_error.h"
#include "proxy/net/temporary_name.h"

namespace peerpool::net {

namespace {

constexpr int kPassRights = 83;  // SO_PASSRIGHTS of Linux 6.16; the headers of Debian 12 lack it.
constexpr int kAttempts = 100;   // Each one means that another process came between.

int socketType(SocketKind kind) {
  switch (kind) {
    case SocketKind::Stream:
      return SOCK_STREAM;
    case SocketKind::SeqPacket:
      return SOCK_SEQPACKET;
    case SocketKind::Datagram:
      return SOCK_DGRAM;
  }
  throwFileError(EINVAL, "unknown kind of socket");
}

std::string directoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string nameOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string name = slash == std::string::npos ? "" : path.substr(slash + 1);
  if (path.empty() || path.front() != '/' || name.empty() || name == "." || name == ".." ||
      name.find('\0') != std::string::npos) {
    throwFileError(EINVAL, "a socket path must be absolute and name a file: " + path);
  }
  if (name.size() > kMaxSocketName) {
    throwFileError(ENAMETOOLONG, "the last part of socket path " + path + " has " +
                                     std::to_string(name.size()) + " bytes, at most " +
                                     std::to_string(kMaxSocketName) + " are possible");
  }
  return name;
}

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throwFileError(ENAMETOOLONG, "no room for a socket address: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int onAddress(int (*call)(int, const sockaddr*, socklen_t), int fd, const std::string& path) {
  const sockaddr_un address = addressOf(path);
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

UniqueFd makeSocket(SocketKind kind, const std::string& path) {
  UniqueFd made(::socket(AF_UNIX, socketType(kind) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) {
    throwFileError(errno, "cannot make a socket for " + path);
  }
  // The file is born with this mode (less the umask), so that nobody may connect before the access
  // that was asked for is complete. After bind() it would be too late: connect() checks the mode
  // first and whether somebody listens later.
  if (::fchmod(made.get(), 0) != 0) {
    throwFileError(errno, "cannot close the socket for " + path);
  }
  const int off = 0;
  if (::setsockopt(made.get(), SOL_SOCKET, kPassRights, &off, sizeof(off)) != 0 &&
      errno != ENOPROTOOPT) {
    throwFileError(errno, "cannot refuse descriptors on the socket for " + path);
  }
  return made;
}

// Whether any process has a socket bound to this file, listening or not. A datagram socket is
// connected to it, whatever its kind: that disturbs nobody, and only a file without a socket
// refuses it.
bool isBound(int file_fd, const std::string& path) {
  const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) {
    throwFileError(errno, "cannot make a socket to try " + path);
  }
  if (onAddress(::connect, probe.get(), descriptorPath(file_fd)) == 0) {
    return true;
  }
  if (errno == EACCES) {
    throwFileError(errno, "cannot tell whether " + path + " is in use; if not, remove it");
  }
  return errno != ECONNREFUSED;
}

// True when `path`, with name `name`, is a stale socket that may be replaced; false when it has
// just gone. Throws when it is anything else.
bool requireStale(int directory_fd, const std::string& name, const std::string& path) {
  const UniqueFd fd(::openat(directory_fd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    return false;
  }
  if (!fd) {
    throwFileError(errno, "cannot look at " + path);
  }
  const struct stat file = statDescriptor(fd.get(), path);
  if (!S_ISSOCK(file.st_mode)) {
    throwFileError(EEXIST, path + " is " + describeFile(file) +
                               "; only a stale socket is replaced: move it away or choose another "
                               "path");
  }
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) {
    throwFileError(EEXIST, path + " is " + describeFile(file) + " (inode " +
                               std::to_string(file.st_ino) + "), neither root's nor uid " +
                               std::to_string(::geteuid()) +
                               "'s: somebody took the name; remove it if it should not be there");
  }
  if (isBound(fd.get(), path)) {
    throwFileError(EADDRINUSE, path + " is " + describeFile(file) +
                                   ", and a process is bound to it; stop that or choose another "
                                   "path");
  }
  return true;
}

}  // namespace

// The file of a socket that is not published yet, at its own name or under a temporary one; removed
// unless it is published.
class SocketFile::BoundFile {
 public:
  enum class Name { Temporary, Own };

  BoundFile(int directory_fd, const std::string& socket_name, Name name, int socket_fd,
            const std::string& path)
      : directory_fd_(directory_fd),
        naming_(name),
        name_(name == Name::Own ? socket_name : makeTemporaryName(socket_name)) {
    // The address stays what getpeername(2) of a client says, whatever the file is called later.
    const int refusal = name == Name::Own
                            ? bindInPlace(socket_fd, path)
                            : bindAt(socket_fd, descriptorPath(directory_fd) + '/' + name_);
    if (refusal != 0) {
      throwFileError(refusal, "cannot bind a socket in the directory of " + path + " as uid " +
                                  std::to_string(::geteuid()) + " (needs /proc)");
    }
    file_fd_.reset(::openat(directory_fd, name_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!file_fd_) {
      const int error = errno;
      remove();
      throwFileError(error, "lost the new socket for " + path);
    }
    const struct stat file = statDescriptor(file_fd_.get(), path);
    if (!S_ISSOCK(file.st_mode) || file.st_uid != ::geteuid()) {
      throwFileError(EPERM, "somebody replaced the new socket for " + path + " by " +
                                describeFile(file));  // Not ours to remove.
    }
  }
  ~BoundFile() {
    // A temporary name is nobody else's, and may stand for the predecessor's file by now.
    if (!published_ &&
        (naming_ == Name::Temporary || isNamed(directory_fd_, name_, file_fd_.get()))) {
      remove();
    }
  }
  BoundFile(const BoundFile&) = delete;
  BoundFile& operator=(const BoundFile&) = delete;

  [[nodiscard]] int fileFd() const noexcept { return file_fd_.get(); }
  [[nodiscard]] UniqueFd takeFileFd() noexcept { return std::move(file_fd_); }
  void keep() noexcept { published_ = true; }

  /// renameat2(2) to `name`; 0 or an errno.
  int moveTo(const std::string& name, unsigned flags) noexcept {
    if (::renameat2(directory_fd_, name_.c_str(), directory_fd_, name.c_str(), flags) != 0) {
      return errno;
    }
    published_ = true;
    return 0;
  }
  /// Both files change places; what is removed in the end is then the one from `name`.
  int exchangeWith(const std::string& name) noexcept {
    const bool done = ::renameat2(directory_fd_, name_.c_str(), directory_fd_, name.c_str(),
                                  RENAME_EXCHANGE) == 0;
    return done ? 0 : errno;
  }

 private:
  static int bindAt(int socket_fd, const std::string& address) {
    return onAddress(::bind, socket_fd, address) == 0 ? 0 : errno;
  }
  // Nobody else may write the directories on the way (CheckedDirectory), so the path leads there.
  int bindInPlace(int socket_fd, const std::string& path) const {
    int error = bindAt(socket_fd, path);
    for (int attempt = 0; attempt < kAttempts && error == EADDRINUSE; ++attempt) {
      if (requireStale(directory_fd_, name_, path)) {
        ::unlinkat(directory_fd_, name_.c_str(), 0);
      }
      error = bindAt(socket_fd, path);
    }
    return error;
  }
  void remove() noexcept { ::unlinkat(directory_fd_, name_.c_str(), 0); }

  int directory_fd_;
  Name naming_;
  std::string name_;
  UniqueFd file_fd_;
  bool published_ = false;
};

SocketFile::SocketFile(const SocketFileOptions& options) : SocketFile(options, nullptr) {
  publish();
  settle();
}

SocketFile::SocketFile(const SocketFileOptions& options, SocketFile* predecessor)
    : options_(options),
      name_(nameOf(options_.path)),
      predecessor_(predecessor),
      directory_(openCheckedDirectory(directoryOf(path()))) {
  const bool locked = predecessor_ != nullptr && predecessor_->lock_->inPlace();
  if (!locked) {
    lock_ = std::make_unique<LockFile>(directory_.fd.get(), directoryOf(path()), name_);
    removeTemporaryFiles(directory_.fd.get(), name_);
  }
  socket_ = makeSocket(options_.kind, path());
  // A predecessor lives and goes on living until publish(), and a datagram socket is reachable from
  // bind() on: both need another name first. So does a path that is too long for an address.
  const bool in_place = predecessor_ == nullptr && options_.kind != SocketKind::Datagram &&
                        path().size() < sizeof(sockaddr_un::sun_path);
  bound_ = std::make_unique<BoundFile>(directory_.fd.get(), name_,
                                       in_place ? BoundFile::Name::Own : BoundFile::Name::Temporary,
                                       socket_.get(), path());
  applyAccess(bound_->fileFd(), options_.access, path());
  permissions_ = readPermissions(bound_->fileFd());
  if (in_place) {
    to_listen_.reset(::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0));
    if (!to_listen_) {
      throwFileError(errno, "cannot copy the descriptor of the socket for " + path());
    }
  } else if (options_.kind != SocketKind::Datagram) {
    startListening(socket_.get());
  }
}

void SocketFile::startListening(int fd) const {
  if (::listen(fd, options_.backlog) != 0) {
    throwFileError(errno, "cannot listen on " + path());
  }
}

std::unique_ptr<SocketFile> SocketFile::prepare(const SocketFileOptions& options,
                                                SocketFile* predecessor) {
  check(predecessor == nullptr || predecessor->path() == options.path,
        "a socket file succeeds one at its own path");
  return std::unique_ptr<SocketFile>(new SocketFile(options, predecessor));
}

SocketFile::~SocketFile() {
  if (!inPlace()) {
    return;
  }
  if (predecessor_ != nullptr && bound_ != nullptr && bound_->exchangeWith(name_) == 0) {
    return;  // The predecessor is back; the temporary name is ours again and goes with us.
  }
  ::unlinkat(directory_.fd.get(), name_.c_str(), 0);
}

bool SocketFile::inPlace() const noexcept {
  return file_.valid() && isNamed(directory_.fd.get(), name_, file_.get());
}

SocketFile::Permissions SocketFile::readPermissions(int fd) const {
  const struct stat file = statDescriptor(fd, path());
  return {readAccessList(fd, path()), file.st_mode, file.st_uid, file.st_gid};
}

bool SocketFile::keepOut(const std::vector<uid_t>& uids) {
  if (readPermissions(file_.get()) != permissions_) {
    return false;
  }
  try {
    writeAccessList(file_.get(), accessListOf(options_.access, uids), path());
  } catch (...) {
    permissions_ = readPermissions(file_.get());  // Perhaps half of it; still ours.
    throw;
  }
  permissions_ = readPermissions(file_.get());
  return true;
}

void SocketFile::publish() {
  const LockFile& lock = lock_ != nullptr ? *lock_ : *predecessor_->lock_;
  if (!lock.inPlace()) {
    throwFileError(EBUSY, "somebody removed the lock file " + lock.path());
  }
  if (to_listen_) {
    openInPlace();
  } else if (predecessor_ != nullptr && predecessor_->inPlace()) {
    replacePredecessor();
  } else {
    putInPlace();
  }
  if (!inPlace()) {
    throwFileError(EBUSY, "somebody replaced the new socket " + path());
  }
}

/// It has its name; from here on who connects is not refused any more.
void SocketFile::openInPlace() {
  startListening(to_listen_.get());
  to_listen_.reset();
  file_ = bound_->takeFileFd();
  bound_->keep();
  bound_.reset();
}

void SocketFile::putInPlace() {
  int error = EEXIST;
  for (int attempt = 0; attempt < kAttempts && error == EEXIST; ++attempt) {
    error = bound_->moveTo(name_, RENAME_NOREPLACE);
    if (error == EEXIST && requireStale(directory_.fd.get(), name_, path())) {
      error = bound_->moveTo(name_, 0);
    }
  }
  if (error != 0) {
    throwFileError(error, "cannot put the new socket in place: " + path());
  }
  file_ = bound_->takeFileFd();
  bound_.reset();
}

void SocketFile::replacePredecessor() {
  if (const int error = bound_->exchangeWith(name_); error != 0) {
    throwFileError(error, "cannot put the new socket in place: " + path());
  }
  file_ = bound_->takeFileFd();
}

void SocketFile::settle() noexcept {
  bound_.reset();  // Removes the predecessor's file, if there was one in place.
  if (lock_ == nullptr) {
    // The lock refers to the descriptor of its directory: both change hands.
    std::swap(directory_.fd, predecessor_->directory_.fd);
    lock_ = std::move(predecessor_->lock_);
  }
  predecessor_ = nullptr;
}

}  // namespace peerpool::net
