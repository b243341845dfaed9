// The accounts and groups that a rule names, as peers made up of them: for checks of a policy.

#pragma once

#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/identity.h"
#include "auth/name_resolver.h"
#include "config/model.h"

namespace peerpool::auth {

struct NamedPeer {
  Identity peer;       ///< Nothing is known of its process.
  std::string name;    ///< "user alice"
  std::string entry;   ///< "{ user: alice }"
  bool group = false;  ///< Stands for the members, of whom nothing else is known.
};

/// Those of the rule's identities and conditions, users first, as they narrow groups. Ranges of
/// uids name nobody in particular. Who cannot be looked up is left out. May block on `accounts`.
[[nodiscard]] std::vector<NamedPeer> namedPeers(const config::Config& config,
                                                const config::PolicyRule& rule, Accounts& accounts,
                                                NameResolver& names);

}  // namespace peerpool::auth
