// One window of a rule's `when:`, as wall clock time.

#pragma once

#include <cstdint>
#include <string>

#include "config/moment.h"

namespace peerpool::config {

/// Hours of some days of the week. What a clock on the wall of that zone shows decides: where it is
/// put back an hour may come twice, where it is put forward not at all.
struct TimeWindow {
  std::uint8_t days = 0x7f;       ///< Bit 0 is Monday. The days on which it begins.
  unsigned begin = 0;             ///< Minute of the day.
  unsigned end = kMinutesPerDay;  ///< The first minute outside. Up to `begin`: of the next day.
  std::string timezone;           ///< A name of the tz database.

  [[nodiscard]] bool contains(const WeekTime& time) const noexcept {
    const auto begins_on = [this](unsigned day) { return ((days >> (day % 7)) & 1U) != 0; };
    if (begin < end) {
      return begins_on(time.day) && time.minute >= begin && time.minute < end;
    }
    return (begins_on(time.day) && time.minute >= begin) ||
           (begins_on(time.day + 6) && time.minute < end);
  }
};

}  // namespace peerpool::config
