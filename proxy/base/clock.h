// Time as a value. Only the event loop and main read a clock; all else is told what time it is.

#pragma once

#include <chrono>

namespace peerpool {

/// Monotonic time, for deadlines and ages.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::milliseconds;

/// "Never", for deadlines that are not set.
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace peerpool
