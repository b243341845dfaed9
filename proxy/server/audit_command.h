// `peerpool audit verify`: is the audit log as it was written?

#pragma once

#include <iosfwd>

#include "proxy/server/options.h"

namespace peerpool::server {

/// Findings and the summary go to `out`, what keeps it from reading to `err`. kExitOk: whole;
/// kExitBroken: it is not, or the expected hash is missing; kExitNoInput: a file cannot be read.
/// Without files the log of `options.config` is read.
[[nodiscard]] int runAuditVerify(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace peerpool::server
