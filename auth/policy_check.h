// What `check` finds with the accounts and the file system at hand: a policy that does not do what
// its tests say, or that file permissions contradict. Changes nothing, opens no socket.

#pragma once

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "auth/policy.h"
#include "config/diagnostics.h"

namespace peerpool::auth {

/// Paths of sockets, their ownership, rules and accounts that are shut out, denies that come too
/// late, units that are not here, and the tests: of the configuration. `service` is who peerpool
/// runs as (readSelf()). May block on `accounts`.
void checkPolicy(const Policy& policy, Accounts& accounts, const FileFacts& files,
                 const Identity& service, config::Diagnostics& out);

}  // namespace peerpool::auth
