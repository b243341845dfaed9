// Points in time as an operator writes them: an instant, or a time of the week. Reads no clock.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace peerpool::config {

using Instant = std::chrono::system_clock::time_point;

inline constexpr unsigned kMinutesPerDay = 24 * 60;

/// Wall clock time in a time zone that is known from elsewhere.
struct WeekTime {
  unsigned day = 0;     ///< 0 is Monday.
  unsigned minute = 0;  ///< Of the day.
  friend bool operator==(const WeekTime&, const WeekTime&) = default;
};

/// When something is asked: not known, an instant, or that time in whatever zone is meant.
using Moment = std::variant<std::monostate, Instant, WeekTime>;

/// "mon" or "Mon" to 0, "sun" to 6.
[[nodiscard]] std::optional<unsigned> parseDay(std::string_view text) noexcept;

/// "07:00" to the minute of the day; "24:00" is the end of the day.
[[nodiscard]] std::optional<unsigned> parseTimeOfDay(std::string_view text) noexcept;

/// "2026-11-23" (its beginning in UTC), "2026-11-23T12:00Z", "2026-11-23T12:00:30+01:00"; years
/// from 1970 to 2199.
[[nodiscard]] std::optional<Instant> parseInstant(std::string_view text) noexcept;

/// An instant, or "Mon 12:00".
[[nodiscard]] std::optional<Moment> parseMoment(std::string_view text) noexcept;

/// "2026-11-23T12:00:30Z".
[[nodiscard]] std::string printInstant(Instant instant);

}  // namespace peerpool::config
