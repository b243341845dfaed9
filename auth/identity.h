// Who is at the other end of a connection, as a value. How it is found out: peer.h.

#pragma once

#include <sys/types.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace peerpool::auth {

struct ProcessFacts;

/// What the kernel writes where it has no id; never compared as a number.
inline constexpr uid_t kNoUid = static_cast<uid_t>(-1);
inline constexpr gid_t kNoGid = static_cast<gid_t>(-1);

/// A peer as of its connect(2): a later setuid(2), or a descriptor handed on, changes nothing.
struct Identity {
  /// False: the kernel cannot name the peer here (pid 0, id -1 or the overflow uid). The numbers
  /// then stand only for the log.
  bool known = false;
  pid_t pid = 0;              ///< 0 in an identity made up for explain or a policy test.
  uid_t uid = kNoUid;         ///< Effective uid.
  gid_t gid = kNoGid;         ///< Effective gid, the primary group.
  std::vector<gid_t> groups;  ///< Supplementary groups, in the kernel's order.
  std::string user;           ///< Account name of `uid`; empty: not known (yet).
  /// What was found out about its process; null: nobody looked.
  std::shared_ptr<const ProcessFacts> process;

  /// By primary or supplementary group: SO_PEERGROUPS need not contain the primary one.
  [[nodiscard]] bool inGroup(gid_t group) const noexcept {
    return known &&
           (gid == group || std::find(groups.begin(), groups.end(), group) != groups.end());
  }
};

}  // namespace peerpool::auth
