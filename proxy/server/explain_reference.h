// The event of an audit log that a reference stands for: what a denied client was told leads to
// what was decided then.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/result.h"
#include "proxy/server/audit_record.h"

namespace peerpool::server {

struct FoundEvent {
  AuditRecord record;
  std::string file;
  std::uint64_t line = 0;
};

/// Of several events with that reference the last that decided something. No value: none has it.
/// Error (System): a file cannot be read.
[[nodiscard]] Result<std::optional<FoundEvent>> findEvent(const std::vector<std::string>& files,
                                                          const std::string& reference);

/// Who came, what was asked for and decided then.
void printEvent(const FoundEvent& event, std::ostream& out);

/// Was it decided with database and role, so that it is decided anew in the same way?
[[nodiscard]] bool isLogin(const AuditRecord& record) noexcept;

}  // namespace peerpool::server
