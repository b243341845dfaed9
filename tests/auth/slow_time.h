// Is it that time of the week? Counted in minutes, written apart from auth/schedule.

#pragma once

#include "config/moment.h"
#include "config/time_window.h"

namespace peerpool::auth::test {

/// `window` is in UTC, `moment` is known.
[[nodiscard]] bool isInside(const config::TimeWindow& window, const config::Moment& moment);

}  // namespace peerpool::auth::test
