#include "auth/schedule.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace peerpool::auth {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kDay = 86'400;
// 1970-01-01 was a Thursday; here Monday is 0.
constexpr std::int64_t kFirstDay = 3;

constexpr std::array<const char*, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::int64_t secondsOf(config::Instant instant) {
  return std::chrono::floor<seconds>(instant).time_since_epoch().count();
}

/// The part of a day or a week, also before 1970.
std::int64_t remainder(std::int64_t value, std::int64_t length) {
  const std::int64_t rest = value % length;
  return rest < 0 ? rest + length : rest;
}

config::WeekTime weekTime(std::int64_t local) {
  const std::int64_t of_day = remainder(local, kDay);
  return {static_cast<unsigned>(remainder((local - of_day) / kDay + kFirstDay, 7)),
          static_cast<unsigned>(of_day / 60)};
}

config::WeekTime localTime(const TimeZone& zone, config::Instant instant) {
  const std::int64_t utc = secondsOf(instant);
  return weekTime(utc + zone.offsetAt(utc).seconds);
}

std::string clockText(unsigned minute) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%02u:%02u", minute / 60, minute % 60);
  return text.data();
}

std::string windowText(const config::TimeWindow& window) {
  std::string days;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (((window.days >> day) & 1) != 0) {
      days += (days.empty() ? "" : ",") + std::string(kDays.at(day));
    }
  }
  return days + ' ' + clockText(window.begin) + '-' + clockText(window.end) + ' ' + window.timezone;
}

}  // namespace

Schedule::Schedule(const config::PolicyRule& rule, TimeZones& zones, config::Diagnostics& problems,
                   const std::string& path) {
  for (const config::TimeWindow& window : rule.when) {
    const TimeZones::Found& zone = zones.find(window.timezone);
    if (!zone) {
      problems.error(rule.where, path + ".when.timezone", zone.error().text,
                     "a name as Europe/Berlin, or UTC; timedatectl list-timezones prints all");
    }
    // Without its zone it never holds; the policy is not used then.
    windows_.push_back({window, zone ? *zone : nullptr});
  }
}

Truth Schedule::holdsAt(const config::Moment& moment) const {
  if (always()) {
    return Truth::Yes;
  }
  if (std::holds_alternative<std::monostate>(moment)) {
    return Truth::Unknown;
  }
  const auto* const instant = std::get_if<config::Instant>(&moment);
  return truthOf(std::any_of(windows_.begin(), windows_.end(), [&](const Window& window) {
    if (window.zone == nullptr) {
      return false;
    }
    return window.hours.contains(instant != nullptr ? localTime(*window.zone, *instant)
                                                    : std::get<config::WeekTime>(moment));
  }));
}

std::string Schedule::whyNot(const config::Moment& moment) const {
  if (std::holds_alternative<std::monostate>(moment)) {
    return "the time is not known";
  }
  std::string text = "it is ";
  if (const auto* const week = std::get_if<config::WeekTime>(&moment)) {
    text += std::string(kDays.at(week->day % 7)) + ' ' + clockText(week->minute);
  } else {
    text += config::printInstant(std::get<config::Instant>(moment));
  }
  text += ", and the rule holds only: ";
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    text += (i == 0 ? "" : "; ") + windowText(windows_[i].hours);
  }
  return text;
}

std::optional<seconds> Schedule::staysFor(config::Instant instant) const {
  if (always()) {
    return std::nullopt;
  }
  const std::int64_t utc = secondsOf(instant);
  std::int64_t least = kDay;
  for (const Window& window : windows_) {
    if (window.zone == nullptr) {
      continue;
    }
    const ZoneOffset offset = window.zone->offsetAt(utc);
    const std::int64_t local = utc + offset.seconds;
    for (const unsigned minute : {window.hours.begin, window.hours.end}) {
      const std::int64_t ahead = remainder(std::int64_t{minute} * 60 - local, kDay);
      least = std::min(least, ahead == 0 ? kDay : ahead);
    }
    if (offset.until < utc + kDay) {
      least = std::min(least, offset.until - utc);
    }
  }
  return seconds(least);
}

}  // namespace peerpool::auth
