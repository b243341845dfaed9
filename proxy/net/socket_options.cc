// The one place that knows the number of SO_PASSRIGHTS.

#include "proxy/net/socket_options.h"

#include <sys/socket.h>

namespace peerpool::net {
namespace {

constexpr int kPassRights = 83;  // SO_PASSRIGHTS of Linux 6.16; no libc header has it yet.

}  // namespace

void refuseDescriptors(int fd) noexcept {
  const int off = 0;
  // ENOPROTOOPT and EINVAL are older kernels: what they do instead is harmless, see above.
  [[maybe_unused]] const int ignored = ::setsockopt(fd, SOL_SOCKET, kPassRights, &off, sizeof off);
}

}  // namespace peerpool::net
