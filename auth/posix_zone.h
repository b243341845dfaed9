// A time zone as a rule for all years, in the form of the POSIX environment variable TZ
// ("CET-1CEST,M3.5.0,M10.5.0/3"), which ends a file of the tz database. Pure.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace peerpool::auth {

/// How far clocks are ahead of UTC, and up to when.
struct ZoneOffset {
  std::int32_t seconds = 0;
  /// Seconds since 1970: from then on it may be another; the largest value: never.
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
};

/// A value. POSIX.1-2017 chapter 8.3 with the extension of RFC 8536 section 3.3.1: hours up to 167.
class PosixZone {
 public:
  /// No value: the text is not such a rule as a whole. Summer time needs its days.
  [[nodiscard]] static std::optional<PosixZone> parse(std::string_view text);

  /// `utc`: seconds since 1970, at most kFarthest away from it.
  [[nodiscard]] ZoneOffset offsetAt(std::int64_t utc) const;

  /// 10 000 years.
  static constexpr std::int64_t kFarthest = std::int64_t{10'000} * 366 * 86'400;

 private:
  /// When clocks change in a year.
  struct Change {
    enum class Kind : std::uint8_t { JulianWithoutLeap, DayOfYear, Weekday };
    Kind kind = Kind::DayOfYear;
    int month = 0;     // 1 to 12.
    int week = 0;      // 1 to 5; 5 is the last one.
    int day = 0;       // Of the year, or of the week: 0 is Sunday.
    int time = 7'200;  // Seconds of local time; may be negative.
  };
  class Parser;
  [[nodiscard]] static std::int64_t localTimeOf(const Change& change, int year);

  std::int32_t standard_ = 0;  // Ahead of UTC.
  std::int32_t summer_ = 0;
  bool has_summer_ = false;
  Change begin_;
  Change end_;
};

}  // namespace peerpool::auth
