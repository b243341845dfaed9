// Asks the kernel who is at the other end of a Unix socket. Decides nothing.

#pragma once

#include "auth/identity.h"
#include "proxy/base/result.h"

namespace peerpool::auth {

/// Ids that the kernel shows for accounts without a number in our user namespace. The defaults are
/// the kernel's.
struct OverflowIds {
  uid_t uid = 65534;
  gid_t gid = 65534;
};

/// Reads /proc/sys/kernel/overflow{uid,gid}; what cannot be read keeps the kernel's default. Once
/// at start.
[[nodiscard]] OverflowIds readOverflowIds();

/// SO_PEERCRED and SO_PEERGROUPS of a connected stream or seqpacket socket (unix(7)). At the
/// connecting end this names whoever called listen(2). `user` stays empty: a name costs NSS, which
/// may block. A peer that the kernel cannot name is a value with `known` false, not an error. An
/// error (System) means a system call failed: deny. Any thread, never blocks.
[[nodiscard]] Result<Identity> readPeer(int fd, const OverflowIds& overflow = {});

/// This process: who the service is (geteuid(2), getegid(2), getgroups(2)). `user` stays empty. An
/// error (System) means the groups could not be read.
[[nodiscard]] Result<Identity> readSelf();

}  // namespace peerpool::auth
