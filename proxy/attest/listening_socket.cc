// Never wider open than at the end: the mode is set before the name exists.

#include "proxy/attest/listening_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace peerpool::attest {
namespace {

constexpr int kBacklog = 16;
constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START

void require(bool done, const std::string& what) {
  if (!done) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.front() != '/' || path.size() >= sizeof address.sun_path) {
    throw std::runtime_error("the path of the socket must be absolute and have at most " +
                             std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd newSocket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  require(fd.valid(), "socket");
  return fd;
}

bool bindTo(int fd, const sockaddr_un& address) {
  const mode_t before = ::umask(0177);
  const bool done = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  ::umask(before);
  errno = error;
  return done;
}

bool isSocket(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode);
}

bool somebodyListens(const sockaddr_un& address) {
  const UniqueFd fd = newSocket();
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
         errno != ECONNREFUSED;
}

/// Only of a socket of ours: the client may own the directory, and so choose what the name means.
void giveTo(const std::string& path, uid_t client) {
  const UniqueFd file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  require(file.valid(), path);
  struct stat facts {};
  require(::fstat(file.get(), &facts) == 0, path);
  if (!S_ISSOCK(facts.st_mode) || facts.st_uid != ::geteuid() || facts.st_nlink != 1) {
    throw std::runtime_error(path + " was replaced by something else");
  }
  if (facts.st_uid != client) {
    require(::fchownat(file.get(), "", client, static_cast<gid_t>(-1), AT_EMPTY_PATH) == 0,
            path + ": only root can give it to another account");
  }
}

}  // namespace

UniqueFd listenAt(const std::string& path, uid_t client) {
  const sockaddr_un address = addressOf(path);
  UniqueFd fd = newSocket();
  require(::fchmod(fd.get(), 0600) == 0, "fchmod");
  if (!bindTo(fd.get(), address)) {
    require(errno == EADDRINUSE, path);
    if (!isSocket(path) || somebodyListens(address)) {
      throw std::runtime_error(path + " is in use");
    }
    require(::unlink(path.c_str()) == 0 && bindTo(fd.get(), address), path);
  }
  giveTo(path, client);
  require(::listen(fd.get(), kBacklog) == 0, path);
  return fd;
}

UniqueFd passedSocket() {
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || pid != std::to_string(::getpid())) {
    throw std::runtime_error("no socket was passed, and --socket is missing");
  }
  if (std::string(count) != "1") {
    throw std::runtime_error("exactly one socket must be passed, not " + std::string(count));
  }
  UniqueFd fd(kFirstPassed);
  int type = 0;
  int listens = 0;
  socklen_t size = sizeof type;
  const bool known = ::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
                     ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0;
  if (!known || type != SOCK_SEQPACKET || listens == 0) {
    throw std::runtime_error("the passed descriptor is no listening seqpacket socket");
  }
  require(::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) == 0 &&
              ::fcntl(fd.get(), F_SETFL, O_RDWR | O_NONBLOCK) == 0,
          "fcntl");
  return fd;
}

}  // namespace peerpool::attest
