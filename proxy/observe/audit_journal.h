// An AuditEvent in the journal's native protocol: fields that journalctl can select by. Pure.

#pragma once

#include <string>
#include <string_view>

#include "proxy/base/audit.h"

namespace peerpool::observe {

/// One id for each kind of event, never changed: 32 hexadecimal digits, as in a journal catalogue.
[[nodiscard]] std::string_view messageId(AuditAction action) noexcept;

/// MESSAGE, MESSAGE_ID, PRIORITY, SYSLOG_IDENTIFIER (peerpool-audit), OBJECT_PID of a peer, then
/// PEERPOOL_DECISION, PEERPOOL_RULE, PEERPOOL_PEER_UID and so on, and PEERPOOL_AUDIT: `line`, the
/// event's line of JSON with its place in the chain. What peers sent is printable, so each field is
/// one line and none is empty.
[[nodiscard]] std::string auditJournalRecord(const AuditEvent& event, std::string_view line);

}  // namespace peerpool::observe
