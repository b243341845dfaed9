// The peer that `peerpool explain` asks about: an account, or a process that runs now.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "auth/accounts.h"
#include "auth/identity.h"
#include "auth/peer.h"
#include "proxy/base/result.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// Of --pid, or of --user, --group and what describes its process. Errors (Refused) say which
/// account, group or process there is not.
[[nodiscard]] Result<auth::Identity> explainedPeer(const Options& options,
                                                   auth::Accounts& accounts);

/// Effective uid and gid and the groups of a /proc/PID/status (proc(5)): what the kernel would
/// record if that process connected now. Error (Protocol): `text` is no such file.
[[nodiscard]] Result<auth::Identity> parseProcessStatus(std::string_view text, pid_t pid,
                                                        const auth::OverflowIds& overflow);

}  // namespace peerpool::server
