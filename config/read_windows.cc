#include "config/read_windows.h"

#include <string>
#include <utility>

#include "config/map_reader.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

struct Hours {
  unsigned begin = 0;
  unsigned end = 0;
};

/// "wed" or "mon-fri", also "sat-mon", as bits.
std::optional<std::uint8_t> readDays(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  const std::size_t dash = text->find('-');
  const auto first = parseDay(text->substr(0, dash));
  const auto last = dash == std::string::npos ? first : parseDay(text->substr(dash + 1));
  if (!first || !last) {
    value.error(quoted(*text) + " is no day and no range of days",
                "as in days: mon-fri, or days: [mon, wed, sat-sun]");
    return std::nullopt;
  }
  unsigned days = 0;
  for (unsigned day = *first;; day = (day + 1) % 7) {
    days |= 1U << day;
    if (day == *last) {
      return static_cast<std::uint8_t>(days);
    }
  }
}

std::optional<Hours> readHours(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  const std::size_t dash = text->find('-');
  const auto begin = parseTimeOfDay(text->substr(0, dash));
  const auto end =
      dash == std::string::npos ? std::nullopt : parseTimeOfDay(text->substr(dash + 1));
  if (!begin || !end || *begin == kMinutesPerDay) {
    value.error(quoted(*text) + " is no range of hours",
                "as in hours: \"07:00-20:00\"; \"22:00-06:00\" goes on after midnight");
    return std::nullopt;
  }
  if (*begin == *end) {
    value.error("this window is empty", "for the whole day leave hours: out");
    return std::nullopt;
  }
  return Hours{*begin, *end};
}

/// One window for each range of hours.
std::vector<TimeWindow> readWindow(const Value& value) {
  TimeWindow window;
  std::vector<std::uint8_t> days;
  std::vector<Hours> hours;
  MapReader map(value, "when");
  const bool has_days = map.readAnyOf("days", days, readDays);
  const bool has_hours = map.readAnyOf("hours", hours, readHours);
  if (const auto timezone = map.require("timezone",
                                        "as in timezone: Europe/Berlin, or UTC; hours mean nothing "
                                        "without one")) {
    window.timezone = timezone->text().value_or("");
  }
  if (map.good() && !has_days && !has_hours) {
    value.error("days: or hours: is missing", "as in days: mon-fri, hours: \"07:00-20:00\"");
  }
  map.finish();
  if (has_days) {
    window.days = 0;
    for (const std::uint8_t some : days) {
      window.days = static_cast<std::uint8_t>(window.days | some);
    }
  }
  if (!has_hours) {
    return {window};
  }
  std::vector<TimeWindow> windows;
  for (const Hours& range : hours) {
    window.begin = range.begin;
    window.end = range.end;
    windows.push_back(window);
  }
  return windows;
}

}  // namespace

std::optional<std::vector<TimeWindow>> readWindows(const Value& value) {
  std::vector<TimeWindow> windows;
  for (const Value& element : value.oneOrMore()) {
    for (TimeWindow& window : readWindow(element)) {
      windows.push_back(std::move(window));
    }
  }
  return windows;
}

std::optional<Moment> readMoment(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  const std::optional<Moment> moment = parseMoment(*text);
  if (!moment) {
    value.error(quoted(*text) + " is no time", "as in \"Mon 12:00\", or \"2026-11-23T12:00Z\"");
  }
  return moment;
}

std::optional<Instant> readInstant(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  const std::optional<Instant> instant = parseInstant(*text);
  if (!instant) {
    value.error(quoted(*text) + " is no date", "as in 2026-11-23, or \"2026-11-23T12:00Z\"");
  }
  return instant;
}

}  // namespace peerpool::config
