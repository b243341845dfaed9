// Peers made up to ask about policies: those that the policies name, members of the groups they
// name, and somebody whom nothing names. A sample, no proof.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/identity.h"
#include "config/model.h"

namespace peerpool::server {

struct SamplePeer {
  std::string name;  ///< "alice", "alice in unit web.service", "somebody in group dba"
  auth::Identity identity;
  /// Place in the list of the same one without a described process; of such a one, its own place.
  std::size_t plain = 0;
  bool stranger = false;  ///< Nothing names it: what it may do, everybody may.
};

struct SamplePeers {
  std::vector<SamplePeer> peers;  ///< First those without a described process.
  bool cut = false;               ///< There would be more than kMostSamplePeers.
};

inline constexpr std::size_t kMostSamplePeers = 3000;

/// What a question makes worth asking about, though no policy names it.
struct WorthAsking {
  std::vector<std::string> accounts;   ///< Those that there are of them.
  std::vector<std::string> instances;  ///< For the `*` of units.
};

/// Of all of `configs` together: each account that is named, the ends of each range of uids, each
/// of `listed` that a group or a range means, somebody in each group, somebody else, and a peer
/// that the kernel cannot name. Those whom process conditions may mean, also with such a process.
/// Who cannot be looked up is left out. May block on `accounts`.
[[nodiscard]] SamplePeers samplePeers(const std::vector<const config::Config*>& configs,
                                      auth::Accounts& accounts,
                                      const std::vector<auth::Account>& listed,
                                      const WorthAsking& worth = {});

}  // namespace peerpool::server
