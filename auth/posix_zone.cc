#include "auth/posix_zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace peerpool::auth {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr int kHour = 3'600;
constexpr int kMostChangeHours = 167;
constexpr int kMostOffsetHours = 24;
constexpr std::size_t kShortestName = 3;

bool isLetter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

/// Takes one part after the other off the front.
class PosixZone::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  /// "CET" or "<+03>".
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() &&
           (isLetter(rest_[length]) ||
            (quoted && (isDigit(rest_[length]) || rest_[length] == '+' || rest_[length] == '-')))) {
      ++length;
    }
    if (length < kShortestName) {
      return false;
    }
    rest_.remove_prefix(length);
    return !quoted || take('>');
  }

  std::optional<int> number(int least, int most) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 4 && isDigit(rest_[digits])) {
      value = value * 10 + (rest_[digits++] - '0');
    }
    if (digits == 0 || value < least || value > most) {
      return std::nullopt;
    }
    rest_.remove_prefix(digits);
    return value;
  }

  /// "[+-]HH[:MM[:SS]]" to seconds.
  std::optional<int> time(int most_hours) {
    const bool negative = take('-');
    if (!negative) {
      (void)take('+');
    }
    const auto hours = number(0, most_hours);
    if (!hours) {
      return std::nullopt;
    }
    int seconds = *hours * kHour;
    for (const int unit : {60, 1}) {
      if (!take(':')) {
        break;
      }
      const auto part = number(0, 59);
      if (!part) {
        return std::nullopt;
      }
      seconds += *part * unit;
    }
    return negative ? -seconds : seconds;
  }

  std::optional<Change> change() {
    Change change;
    std::optional<int> day;
    if (take('M')) {
      change.kind = Change::Kind::Weekday;
      const auto month = number(1, 12);
      const auto week = month && take('.') ? number(1, 5) : std::nullopt;
      day = week && take('.') ? number(0, 6) : std::nullopt;
      change.month = month.value_or(0);
      change.week = week.value_or(0);
    } else if (take('J')) {
      change.kind = Change::Kind::JulianWithoutLeap;
      day = number(1, 365);
    } else {
      day = number(0, 365);
    }
    if (!day) {
      return std::nullopt;
    }
    change.day = *day;
    if (take('/')) {
      const auto time_of_day = time(kMostChangeHours);
      if (!time_of_day) {
        return std::nullopt;
      }
      change.time = *time_of_day;
    }
    return change;
  }

 private:
  std::string_view rest_;
};

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  Parser parser(text);
  PosixZone zone;
  const auto standard = parser.name() ? parser.time(kMostOffsetHours) : std::nullopt;
  if (!standard) {
    return std::nullopt;
  }
  zone.standard_ = -*standard;  // POSIX counts westwards.
  if (parser.done()) {
    return zone;
  }
  if (!parser.name()) {
    return std::nullopt;
  }
  zone.has_summer_ = true;
  zone.summer_ = zone.standard_ + kHour;
  if (!parser.take(',')) {
    const auto summer = parser.time(kMostOffsetHours);
    if (!summer || !parser.take(',')) {
      return std::nullopt;
    }
    zone.summer_ = -*summer;
  }
  const auto begin = parser.change();
  const auto end = begin && parser.take(',') ? parser.change() : std::nullopt;
  if (!end || !parser.done()) {
    return std::nullopt;
  }
  zone.begin_ = *begin;
  zone.end_ = *end;
  return zone;
}

/// As if UTC were local.
std::int64_t PosixZone::localTimeOf(const Change& change, int year) {
  using std::chrono::sys_days;
  const std::chrono::year in_year{year};
  const sys_days first = in_year / std::chrono::January / 1;
  sys_days day = first;
  switch (change.kind) {
    case Change::Kind::DayOfYear:
      day += std::chrono::days{change.day};
      break;
    case Change::Kind::JulianWithoutLeap:
      // February 29 is never counted: day 60 is March 1 in all years.
      day += std::chrono::days{change.day - 1 + (in_year.is_leap() && change.day >= 60 ? 1 : 0)};
      break;
    case Change::Kind::Weekday: {
      const auto month = in_year / static_cast<int>(change.month);
      const std::chrono::weekday weekday{static_cast<unsigned>(change.day)};
      day = change.week == 5 ? sys_days(month / weekday[std::chrono::last])
                             : sys_days(month / weekday[static_cast<unsigned>(change.week)]);
      break;
    }
  }
  return day.time_since_epoch().count() * kDay + change.time;
}

ZoneOffset PosixZone::offsetAt(std::int64_t utc) const {
  if (!has_summer_) {
    return {standard_};
  }
  const auto day = std::chrono::sys_days(std::chrono::days(utc / kDay));
  const int year = static_cast<int>(std::chrono::year_month_day(day).year());
  struct Transition {
    std::int64_t at;
    bool to_summer;
  };
  std::array<Transition, 8> transitions{};
  std::size_t count = 0;
  // A change may be up to a week outside of its year, so the one before may be of two years ago.
  for (int of = year - 2; of <= year + 1; ++of) {
    transitions.at(count++) = {localTimeOf(begin_, of) - standard_, true};
    transitions.at(count++) = {localTimeOf(end_, of) - summer_, false};
  }
  // Summer time all year long is written as one that ends in the moment the next begins.
  std::sort(transitions.begin(), transitions.end(), [](const auto& one, const auto& other) {
    return one.at != other.at ? one.at < other.at : one.to_summer < other.to_summer;
  });
  ZoneOffset offset{transitions.front().to_summer ? standard_ : summer_, transitions.front().at};
  for (std::size_t i = 0; i < transitions.size() && transitions.at(i).at <= utc; ++i) {
    offset.seconds = transitions.at(i).to_summer ? summer_ : standard_;
    offset.until = i + 1 < transitions.size() ? transitions.at(i + 1).at : utc + kDay;
  }
  return offset;
}

}  // namespace peerpool::auth
