// `peerpool status`: asks the running one and shows the answer.

#pragma once

#include <iosfwd>

#include "proxy/server/options.h"

namespace peerpool::server {

/// Returns an exit code; kExitUnavailable when nobody answers, kExitDenied when the socket is there
/// but not for this account.
[[nodiscard]] int runStatus(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace peerpool::server
