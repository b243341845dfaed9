// A LogEvent as one line, as text or as JSON. Pure.

#pragma once

#include <chrono>
#include <string>

#include "proxy/base/log.h"

namespace peerpool::observe {

/// "2026-11-22T17:40:00.123Z INFO  client denied ref=7f3a uid=1000 reason=\"no rule\"", without a
/// line end. `when` is shown in UTC. One event is one line whatever its fields hold.
[[nodiscard]] std::string formatLine(const LogEvent& event,
                                     std::chrono::system_clock::time_point when);

/// The same without time and level, for targets that have their own: "client denied ref=7f3a ...".
[[nodiscard]] std::string formatMessage(const LogEvent& event);

/// {"@timestamp":...,"log.level":"info","message":"client denied","peerpool.ref":"7f3a",...}: names
/// of the Elastic Common Schema, then each field as a text under "peerpool.".
[[nodiscard]] std::string formatJson(const LogEvent& event,
                                     std::chrono::system_clock::time_point when);

/// "2026-11-22T17:40:00.123Z".
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point when);

}  // namespace peerpool::observe
