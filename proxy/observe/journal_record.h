// A LogEvent in the journal's native protocol: fields that journalctl can select by. Pure.

#pragma once

#include <string>
#include <string_view>

#include "proxy/base/log.h"

namespace peerpool::observe {

/// MESSAGE (as in the text log), PRIORITY, SYSLOG_IDENTIFIER, PEERPOOL_EVENT, and each field as
/// PEERPOOL_KEY with its bytes as they are: one datagram
/// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
[[nodiscard]] std::string journalRecord(const LogEvent& event);

/// "KEY=value\n", or the binary form when `value` has a line end: key, line end, length as 64 bits
/// little endian, value, line end.
void appendJournalField(std::string& out, std::string_view key, std::string_view value);

}  // namespace peerpool::observe
