// An AuditEvent as one line of JSON with names of the Elastic Common Schema. Pure.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proxy/base/audit.h"

namespace peerpool::observe {

/// What is true of all lines of one process.
struct AuditOrigin {
  std::string instance;  ///< Differs from start to start: service.ephemeral_id.
  std::int64_t pid = 0;
};

/// Without a line end. `sequence` counts from 1 without gaps within `origin.instance`.
[[nodiscard]] std::string auditLine(const AuditEvent& event, std::uint64_t sequence,
                                    std::chrono::system_clock::time_point when,
                                    const AuditOrigin& origin);

}  // namespace peerpool::observe
