// `peerpool status`: asks the running one and shows the answer.

#pragma once

#include <iosfwd>
#include <string>

#include "proxy/base/clock.h"
#include "proxy/base/result.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// Returns an exit code; kExitUnavailable when nobody answers, kExitDenied when the socket is there
/// but not for this account.
[[nodiscard]] int runStatus(const Options& options, std::ostream& out, std::ostream& err);

/// Sends one request to the socket at `path` and returns the answer. Blocks at most `patience` in
/// one system call. Errors: Unreachable (nobody listens there), Denied, TimedOut, Closed, Limit,
/// System.
[[nodiscard]] Result<std::string> askStatus(const std::string& path, admin::StatusKind what,
                                            Duration patience);

}  // namespace peerpool::server
