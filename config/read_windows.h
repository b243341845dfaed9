// `when:` of a rule, and the instants of `at:` and `audit_until:`.

#pragma once

#include <optional>
#include <vector>

#include "config/moment.h"
#include "config/time_window.h"
#include "config/value.h"

namespace peerpool::config {

/// One window or a list of them. Complains into the reading.
[[nodiscard]] std::optional<std::vector<TimeWindow>> readWindows(const Value& value);

/// "Mon 12:00" or an instant.
[[nodiscard]] std::optional<Moment> readMoment(const Value& value);

/// A date or an instant.
[[nodiscard]] std::optional<Instant> readInstant(const Value& value);

}  // namespace peerpool::config
