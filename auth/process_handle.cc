// The headers of older systems know none of this, so the numbers of the kernel stand here.

#include "auth/process_handle.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace peerpool::auth {
namespace {

constexpr int kPeerPidfd = 77;  // SO_PEERPIDFD

// linux/pidfd.h: PIDFD_GET_INFO with the struct of its first version (Linux 6.13).
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup_id;
  std::uint32_t pid, tgid, ppid;
  std::uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64, "the kernel tells versions apart by the size");
constexpr std::uint64_t kMaskPid = 1;
constexpr std::uint64_t kMaskCredentials = 2;
constexpr std::uint64_t kMaskCgroup = 4;
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);

Error systemError(const char* call, int number) {
  return {ErrorCode::System,
          std::string(call) + ": " + std::error_code(number, std::generic_category()).message(),
          {},
          number};
}

Error ended() { return {ErrorCode::Closed, "the process has ended"}; }

Error outside() { return {ErrorCode::System, "the process is outside our pid namespace"}; }

/// "Pid:" of /proc/self/fdinfo: -1 when it has ended, 0 when it is outside our pid namespace.
Result<ProcessInfo> readDescriptorInfo(int fd) {
  const UniqueFd file(
      ::open(("/proc/self/fdinfo/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return systemError("open(/proc/self/fdinfo)", errno);
  }
  std::array<char, 1024> buffer{};
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  const std::string_view text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  constexpr std::string_view kKey = "\nPid:\t";
  const std::size_t at = text.find(kKey);
  pid_t pid = 0;
  if (at == std::string_view::npos) {
    return Error{ErrorCode::System, "a descriptor without a pid"};
  }
  const char* const begin = text.data() + at + kKey.size();
  std::from_chars(begin, text.data() + text.size(), pid);
  if (pid < 0) {
    return ended();
  }
  if (pid == 0) {
    return outside();
  }
  return ProcessInfo{pid, std::nullopt, std::nullopt};
}

}  // namespace

Result<ProcessHandle> ProcessHandle::ofPeer(int socket) {
  int fd = -1;
  socklen_t size = sizeof fd;
  if (::getsockopt(socket, SOL_SOCKET, kPeerPidfd, &fd, &size) != 0) {
    return systemError("getsockopt(SO_PEERPIDFD)", errno);
  }
  return ProcessHandle(UniqueFd(fd));
}

Result<ProcessHandle> ProcessHandle::ofPid(pid_t pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) {
    return systemError("pidfd_open", errno);
  }
  return ProcessHandle(UniqueFd(static_cast<int>(fd)));
}

Result<ProcessHandle> ProcessHandle::ofDescriptor(UniqueFd fd) {
  // No other kind of descriptor has a pid there, and none must be asked what only a pidfd knows.
  const Result<ProcessInfo> info = readDescriptorInfo(fd.get());
  if (!info && info.error().code != ErrorCode::Closed && info.error().text != outside().text) {
    return info.error();
  }
  return ProcessHandle(std::move(fd));
}

bool ProcessHandle::ended() const noexcept {
  pollfd state{fd_.get(), POLLIN, 0};
  // What cannot be polled cannot be trusted either.
  return ::poll(&state, 1, 0) != 0;
}

Result<ProcessInfo> ProcessHandle::info() const {
  PidfdInfo info{};
  info.mask = kMaskPid | kMaskCredentials | kMaskCgroup;
  if (::ioctl(fd_.get(), kGetInfo, &info) != 0) {
    switch (errno) {
      case ESRCH:
        return auth::ended();
      case EREMOTE:
        return outside();
      default:  // Before Linux 6.13.
        return readDescriptorInfo(fd_.get());
    }
  }
  if (ended() || (info.mask & kMaskPid) == 0 || info.tgid == 0) {
    return auth::ended();
  }
  ProcessInfo result{static_cast<pid_t>(info.tgid), std::nullopt, std::nullopt};
  if ((info.mask & kMaskCredentials) != 0) {
    result.euid = info.euid;
  }
  if ((info.mask & kMaskCgroup) != 0) {
    result.cgroup_id = info.cgroup_id;
  }
  return result;
}

bool kernelNamesPeers() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return false;
  }
  const UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  return ProcessHandle::ofPeer(ours.get()).has_value();
}

}  // namespace peerpool::auth
