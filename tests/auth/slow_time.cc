#include "tests/auth/slow_time.h"

#include <chrono>
#include <cstdint>
#include <variant>

namespace peerpool::auth::test {
namespace {

constexpr unsigned kDay = 24 * 60;
constexpr unsigned kWeek = 7 * kDay;

/// 1970-01-05 was a Monday.
unsigned minuteOfWeek(const config::Moment& moment) {
  if (const auto* const week = std::get_if<config::WeekTime>(&moment)) {
    return week->day * kDay + week->minute;
  }
  const auto since = std::get<config::Instant>(moment).time_since_epoch();
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(since).count();
  return static_cast<unsigned>((minutes - 4 * std::int64_t{kDay}) % std::int64_t{kWeek});
}

}  // namespace

bool isInside(const config::TimeWindow& window, const config::Moment& moment) {
  bool inside = false;
  for (unsigned day = 0; day < 7; ++day) {
    const unsigned begin = day * kDay + window.begin;
    const bool over_midnight = window.end <= window.begin;
    const unsigned length = window.end + (over_midnight ? kDay : 0) - window.begin;
    const unsigned since = (minuteOfWeek(moment) + kWeek - begin) % kWeek;
    inside = inside || ((window.days >> day & 1U) != 0 && since < length);
  }
  return inside;
}

}  // namespace peerpool::auth::test
