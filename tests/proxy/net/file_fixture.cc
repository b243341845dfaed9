// Scratch directories, accounts and clients for the tests.

#include "tests/proxy/net/file_fixture.h"

#include <dirent.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace peerpool::net {

namespace {

int typeOf(SocketKind kind) {
  return kind == SocketKind::Stream      ? SOCK_STREAM
         : kind == SocketKind::SeqPacket ? SOCK_SEQPACKET
                                         : SOCK_DGRAM;
}

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return address;
}

void require(bool fine, const std::string& what) {
  if (!fine) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
  }
}

bool become(const Credentials& account) {
  const bool became =
      account.uid == 0 || (::setgroups(account.groups.size(), account.groups.data()) == 0 &&
                           ::setresgid(account.gid, account.gid, account.gid) == 0 &&
                           ::setresuid(account.uid, account.uid, account.uid) == 0);
  // Nothing outlives a test that is killed. Last, because a change of ids takes it away.
  return became && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

}  // namespace

ScratchDirectory::ScratchDirectory(const std::string& below) {
  std::string pattern = below + "/peerpool-test-XXXXXX";
  require(::mkdtemp(pattern.data()) != nullptr, pattern);
  path_ = pattern;
  require(::chmod(path_.c_str(), 0755) == 0, path_);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> ScratchDirectory::names() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    found.push_back(entry.path().filename());
  }
  std::sort(found.begin(), found.end());
  return found;
}

pid_t startAs(const Credentials& account, const std::function<int()>& work) {
  const pid_t pid = ::fork();
  require(pid >= 0, "fork");
  if (pid == 0) {
    int status = 255;
    try {
      status = become(account) ? work() : 254;
    } catch (const std::exception& failure) {
      std::cerr << "child: " << failure.what() << std::endl;
    }
    ::_exit(status);
  }
  return pid;
}

int finish(pid_t pid) {
  int status = 0;
  require(::waitpid(pid, &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int runAs(const Credentials& account, const std::function<int()>& work) {
  return finish(startAs(account, work));
}

UniqueFd makeClient(SocketKind kind) {
  return UniqueFd(::socket(AF_UNIX, typeOf(kind) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int tryConnect(int fd, const std::string& path) {
  const sockaddr_un address = addressOf(path);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                          : errno;
}

int trySend(int fd, const std::string& path) {
  const sockaddr_un address = addressOf(path);
  return ::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 1
             ? 0
             : errno;
}

int connectTo(const std::string& path, SocketKind kind) {
  return tryConnect(makeClient(kind).get(), path);
}

int connectAs(const Credentials& account, const std::string& path, SocketKind kind) {
  return runAs(account, [&] { return connectTo(path, kind); });
}

UniqueFd bindPlainly(const std::string& path, SocketKind kind, bool listening) {
  UniqueFd fd(::socket(AF_UNIX, typeOf(kind) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = addressOf(path);
  require(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "bind " + path);
  if (listening && kind != SocketKind::Datagram) {
    require(::listen(fd.get(), 4) == 0, "listen");
  }
  return fd;
}

struct stat statOf(const std::string& path) {
  struct stat file {};
  require(::lstat(path.c_str(), &file) == 0, path);
  return file;
}

std::string errorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

bool containsAll(const std::string& text, const std::vector<std::string>& parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return text.find(part) != std::string::npos; });
}

}  // namespace peerpool::net
