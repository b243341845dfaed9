// `peerpool reload`: asks the running one to read its configuration anew.

#pragma once

#include <iosfwd>

#include "proxy/server/options.h"

namespace peerpool::server {

/// Prints what the running one complains about to `err`, and the generation in force to `out`.
/// Returns an exit code; kExitConfiguration when it refused.
[[nodiscard]] int runReload(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace peerpool::server
