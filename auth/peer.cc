// The socket options and /proc files that name a peer.

#include "auth/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

namespace peerpool::auth {
namespace {

Error systemError(const char* call, int number) {
  return Error{ErrorCode::System, std::string(call) + ": " +
                                      std::error_code(number, std::generic_category()).message()};
}

template <typename Number>
Number readNumber(const char* path, Number otherwise) {
  std::ifstream file(path);
  Number value = 0;
  return file >> value ? value : otherwise;
}

Result<std::vector<gid_t>> readGroups(int fd) {
  // The kernel says on ERANGE how much it needs. A peer's list is fixed at connect, so the second
  // try fits; the bound is there in case it does not.
  std::vector<gid_t> groups(32);
  for (int attempt = 0; attempt < 4; ++attempt) {
    socklen_t size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      return groups;
    }
    if (errno != ERANGE) {
      return systemError("getsockopt(SO_PEERGROUPS)", errno);
    }
    groups.resize(size / sizeof(gid_t));
  }
  return systemError("getsockopt(SO_PEERGROUPS)", ERANGE);
}

}  // namespace

OverflowIds readOverflowIds() {
  const OverflowIds kernel;
  return {readNumber("/proc/sys/kernel/overflowuid", kernel.uid),
          readNumber("/proc/sys/kernel/overflowgid", kernel.gid)};
}

Result<Identity> readPeer(int fd, const OverflowIds& overflow) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return systemError("getsockopt(SO_PEERCRED)", errno);
  }
  Identity peer;
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.known = peer.pid > 0 && peer.uid != kNoUid && peer.gid != kNoGid && peer.uid != overflow.uid;
  if (!peer.known) {
    return peer;
  }
  auto groups = readGroups(fd);
  if (!groups) {
    return groups.error();
  }
  peer.groups = std::move(*groups);
  return peer;
}

Result<Identity> readSelf() {
  Identity self;
  self.known = true;
  self.pid = ::getpid();
  self.uid = ::geteuid();
  self.gid = ::getegid();
  const int count = ::getgroups(0, nullptr);
  if (count < 0) {
    return systemError("getgroups", errno);
  }
  self.groups.resize(static_cast<std::size_t>(count));
  const int filled = ::getgroups(count, self.groups.data());
  if (filled < 0) {
    return systemError("getgroups", errno);
  }
  self.groups.resize(static_cast<std::size_t>(filled));
  return self;
}

}  // namespace peerpool::auth
