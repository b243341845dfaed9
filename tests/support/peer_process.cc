#include "tests/support/peer_process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace peerpool::testing {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_un addressOf(const char* path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

/// As fork(2), past what libc does around it.
pid_t forkInto(int namespaces) noexcept {
  clone_args arguments{};
  arguments.flags = static_cast<std::uint64_t>(static_cast<unsigned>(namespaces));
  arguments.exit_signal = SIGCHLD;
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

PeerSocket::PeerSocket()
    : path_(directory_ / "s"), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address = addressOf(path_.c_str());
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path_.c_str(), 0666) != 0 || ::listen(fd_.get(), 64) != 0) {
    fail("listen");
  }
}

UniqueFd PeerSocket::accept() const {
  UniqueFd accepted(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted) {
    fail("accept");
  }
  return accepted;
}

int connectTo(const char* path) noexcept {
  const sockaddr_un address = addressOf(path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return -1;
  }
  return fd;
}

PeerProcess::PeerProcess(const PeerSocket& socket, const Steps& steps) {
  std::array<int, 2> go{};
  std::array<int, 2> ready{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0 || ::pipe2(ready.data(), O_CLOEXEC) != 0) {
    fail("pipe");
  }
  const std::string path = steps.path.empty() ? socket.path() : steps.path;
  pid_ = steps.namespaces == 0 ? ::fork() : forkInto(steps.namespaces);
  if (pid_ < 0) {
    fail("fork");
  }
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(go[1]);
    ::close(ready[0]);
    const bool connected = steps.prepare() && connectTo(path.c_str()) >= 0;
    const char answer = connected ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &answer, 1));
    char unused = 0;
    static_cast<void>(!::read(go[0], &unused, 1));
    if (connected) {
      steps.afterwards();
    }
    ::_exit(0);
  }
  go_.reset(go[1]);
  ::close(go[0]);
  ::close(ready[1]);
  const UniqueFd answers(ready[0]);
  char answer = 'n';
  if (::read(answers.get(), &answer, 1) != 1 || answer != 'y') {
    proceed();
    throw std::runtime_error("the peer could not connect");
  }
  accepted_ = socket.accept();
}

PeerProcess::~PeerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void PeerProcess::proceed() {
  let();
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

pid_t forkWithPid(pid_t pid, const std::function<void()>& body) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uint64_t>(&pid);
  arguments.set_tid_size = 1;
  const long child = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(0);
  }
  return static_cast<pid_t>(child);
}

}  // namespace peerpool::testing
