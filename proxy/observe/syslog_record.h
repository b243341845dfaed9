// A line for the local syslog daemon, as syslog(3) sends it. Pure.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "proxy/base/log.h"

namespace peerpool::observe {

/// "<28>peerpool[4242]: text": facility daemon and the level's severity (RFC 3164, section 4.1.1).
/// Without a time: daemons take the one of arrival then, and need not guess at a time zone.
[[nodiscard]] std::string syslogRecord(LogLevel level, pid_t pid, std::string_view text);

/// As syslog(3): 7 for debug to 3 for errors.
[[nodiscard]] int syslogSeverity(LogLevel level) noexcept;

}  // namespace peerpool::observe
