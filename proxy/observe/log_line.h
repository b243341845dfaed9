// A LogEvent as one line of text. Pure.

#pragma once

#include <chrono>
#include <string>

#include "proxy/base/log.h"

namespace peerpool::observe {

/// "2026-11-22T17:40:00.123Z INFO  client denied ref=7f3a uid=1000 reason=\"no rule\"", without a
/// line end. `when` is shown in UTC. One event is one line whatever its fields hold.
[[nodiscard]] std::string formatLine(const LogEvent& event,
                                     std::chrono::system_clock::time_point when);

}  // namespace peerpool::observe
