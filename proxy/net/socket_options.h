// Options of Unix sockets that every socket of ours gets.

#pragma once

namespace peerpool::net {

/// Makes the other side's attempt to pass descriptors to `fd` fail with EPERM (SO_PASSRIGHTS, Linux
/// 6.16). Older kernels take them and close them at our recv(2), which asks for none. There such a
/// message ends a receive early, so that its sender delays its own next bytes, and nobody else's.
void refuseDescriptors(int fd) noexcept;

}  // namespace peerpool::net
