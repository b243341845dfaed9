// Texts to points in time, and days and hours of a window.

#include "config/moment.h"

#include <catch2/catch.hpp>

#include "config/time_window.h"

namespace peerpool::config {
namespace {

std::string again(const char* text) {
  const auto instant = parseInstant(text);
  return instant ? printInstant(*instant) : "none";
}

}  // namespace

TEST_CASE("an instant is a date in UTC or a time with its zone") {
  CHECK(again("2026-11-23") == "2026-11-23T00:00:00Z");
  CHECK(again("2026-11-23T12:00Z") == "2026-11-23T12:00:00Z");
  CHECK(again("2026-11-23T12:00:30+01:00") == "2026-11-23T11:00:30Z");
  CHECK(again("2026-11-23T23:30-05:30") == "2026-11-24T05:00:00Z");
  CHECK(again("2028-02-29") == "2028-02-29T00:00:00Z");
  for (const char* text :
       {"", "2026", "2026-11-31", "2026-02-29", "1969-12-31", "2200-01-01", "2026-1-1",
        "2026-11-23T12:00", "2026-11-23 12:00Z", "2026-11-23T24:00Z", "2026-11-23T12:60Z",
        "2026-11-23T12:00:60Z", "2026-11-23T12:00+15:00", "2026-11-23T12:00Zx", "2026-11-23T"}) {
    INFO(text);
    CHECK(again(text) == "none");
  }
}

TEST_CASE("a moment is an instant or a time of the week") {
  CHECK(parseMoment("Mon 12:00") == Moment(WeekTime{0, 720}));
  CHECK(parseMoment("sun 00:01") == Moment(WeekTime{6, 1}));
  CHECK(parseMoment("2026-11-23") == Moment(*parseInstant("2026-11-23")));
  for (const char* text : {"Mon", "Mon 24:00", "Mon 1:00", "Monday 12:00", "MON 12:00", "12:00",
                           "Mon  12:00", "Mon 12:00 "}) {
    INFO(text);
    CHECK_FALSE(parseMoment(text).has_value());
  }
}

TEST_CASE("the end of the day is a time of day and no minute of it") {
  CHECK(parseTimeOfDay("24:00") == kMinutesPerDay);
  CHECK(parseTimeOfDay("23:59") == kMinutesPerDay - 1);
  CHECK_FALSE(parseTimeOfDay("24:01").has_value());
  const TimeWindow evening{0x01, 20 * 60, kMinutesPerDay, "UTC"};
  CHECK(evening.contains({0, kMinutesPerDay - 1}));
  CHECK_FALSE(evening.contains({1, 0}));
  const TimeWindow same{0x01, 20 * 60, 0, "UTC"};
  CHECK(same.contains({0, kMinutesPerDay - 1}));
  CHECK_FALSE(same.contains({1, 0}));
}

}  // namespace peerpool::config
