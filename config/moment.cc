#include "config/moment.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace peerpool::config {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Takes exactly `length` digits off the front.
std::optional<int> takeDigits(std::string_view& text, std::size_t length) noexcept {
  if (text.size() < length) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, char wanted) noexcept {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// "HH:MM".
std::optional<minutes> takeClock(std::string_view& text, int last_hour) noexcept {
  const auto hour = takeDigits(text, 2);
  const auto minute = hour && take(text, ':') ? takeDigits(text, 2) : std::nullopt;
  if (!minute || *hour > last_hour || *minute > 59) {
    return std::nullopt;
  }
  return std::chrono::hours{*hour} + minutes{*minute};
}

std::optional<std::chrono::sys_days> takeDate(std::string_view& text) noexcept {
  const auto year = takeDigits(text, 4);
  const auto month = year && take(text, '-') ? takeDigits(text, 2) : std::nullopt;
  const auto day = month && take(text, '-') ? takeDigits(text, 2) : std::nullopt;
  if (!day || *year < 1970 || *year > 2199) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

/// "Z" or "+01:00": how far the clock of that place is ahead.
std::optional<minutes> takeOffset(std::string_view& text) noexcept {
  if (take(text, 'Z')) {
    return minutes{0};
  }
  const bool ahead = take(text, '+');
  if (!ahead && !take(text, '-')) {
    return std::nullopt;
  }
  const auto offset = takeClock(text, 14);
  return !offset ? std::nullopt : ahead ? offset : std::optional<minutes>(-*offset);
}

}  // namespace

std::optional<unsigned> parseDay(std::string_view text) noexcept {
  for (unsigned day = 0; day < kDays.size(); ++day) {
    const std::string_view name = kDays.at(day);
    if (text.size() == name.size() && lower(text[0]) == name[0] && text[1] == name[1] &&
        text[2] == name[2]) {
      return day;
    }
  }
  return std::nullopt;
}

std::optional<unsigned> parseTimeOfDay(std::string_view text) noexcept {
  if (text == "24:00") {
    return kMinutesPerDay;
  }
  const auto clock = takeClock(text, 23);
  return clock && text.empty() ? std::optional(static_cast<unsigned>(clock->count()))
                               : std::nullopt;
}

std::optional<Instant> parseInstant(std::string_view text) noexcept {
  const auto date = takeDate(text);
  if (!date || text.empty()) {
    return date ? std::optional<Instant>(*date) : std::nullopt;
  }
  const auto clock = take(text, 'T') ? takeClock(text, 23) : std::nullopt;
  if (!clock) {
    return std::nullopt;
  }
  seconds second{0};
  if (take(text, ':')) {
    const auto digits = takeDigits(text, 2);
    if (!digits || *digits > 59) {
      return std::nullopt;
    }
    second = seconds{*digits};
  }
  const auto offset = takeOffset(text);
  if (!offset || !text.empty()) {
    return std::nullopt;
  }
  return *date + *clock + second - *offset;
}

std::optional<Moment> parseMoment(std::string_view text) noexcept {
  if (const auto instant = parseInstant(text)) {
    return Moment(*instant);
  }
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const auto day = parseDay(text.substr(0, space));
  const auto minute = parseTimeOfDay(text.substr(space + 1));
  if (!day || !minute || *minute == kMinutesPerDay) {
    return std::nullopt;
  }
  return Moment(WeekTime{*day, *minute});
}

std::string printInstant(Instant instant) {
  const auto whole = std::chrono::floor<seconds>(instant);
  const auto day = std::chrono::floor<days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<seconds> clock(whole - day);
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace peerpool::config
