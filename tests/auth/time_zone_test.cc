// Time zones against what the C library makes of the same database, and files that are broken.

#include "auth/time_zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "auth/posix_zone.h"
#include "auth/time_zones.h"
#include "config/moment.h"

namespace peerpool::auth {
namespace {

std::string readZone(const std::string& name) {
  std::ifstream file(std::string(kZoneDirectory) + '/' + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::int64_t utc(const std::string& text) {
  const auto instant = config::parseInstant(text);
  REQUIRE(instant);
  return std::chrono::floor<std::chrono::seconds>(*instant).time_since_epoch().count();
}

/// What localtime_r(3) says; the process has one thread.
std::int32_t offsetByLibrary(const std::string& zone, std::int64_t time) {
  REQUIRE(::setenv("TZ", zone.c_str(), 1) == 0);
  ::tzset();
  const std::time_t value = time;
  std::tm parts{};
  REQUIRE(::localtime_r(&value, &parts) != nullptr);
  ::unsetenv("TZ");
  ::tzset();
  return static_cast<std::int32_t>(parts.tm_gmtoff);
}

}  // namespace

TEST_CASE("offsets of zones are those of the C library for 130 years") {
  std::mt19937_64 random(17);
  std::uniform_int_distribution<std::int64_t> times(utc("1970-01-01"), utc("2100-01-01"));
  for (const char* name :
       {"UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo",
        "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca",
        "Pacific/Apia", "Antarctica/Troll", "America/St_Johns", "Asia/Gaza"}) {
    INFO(name);
    const auto zone = TimeZone::parse(asBytes(readZone(name)));
    REQUIRE(zone.has_value());
    for (int i = 0; i < 400; ++i) {
      const std::int64_t time = times(random);
      INFO(time);
      const ZoneOffset offset = zone->offsetAt(time);
      CHECK(offset.seconds == offsetByLibrary(name, time));
      REQUIRE(offset.until > time);
      if (offset.until < utc("2100-01-01")) {
        CHECK(zone->offsetAt(offset.until - 1).seconds == offset.seconds);
      }
    }
  }
}

TEST_CASE("clocks are put forward and back in the second that the law says") {
  const auto zone = TimeZone::parse(asBytes(readZone("Europe/Berlin")));
  REQUIRE(zone.has_value());
  const std::int64_t forward = utc("2026-03-29T01:00Z");
  CHECK(zone->offsetAt(forward - 1).seconds == 3600);
  CHECK(zone->offsetAt(forward - 1).until == forward);
  CHECK(zone->offsetAt(forward).seconds == 7200);
  const std::int64_t back = utc("2090-10-29T01:00Z");  // By the rule for later years.
  CHECK(zone->offsetAt(back - 1).seconds == 7200);
  CHECK(zone->offsetAt(back - 1).until == back);
  CHECK(zone->offsetAt(back).seconds == 3600);
}

TEST_CASE("a rule for all years in each of its forms") {
  const auto offset = [](std::string_view rule, const char* when) {
    const auto zone = PosixZone::parse(rule);
    REQUIRE(zone.has_value());
    return zone->offsetAt(utc(when)).seconds;
  };
  CHECK(offset("<+0330>-3:30", "2026-07-01") == 12'600);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59Z") == -18'000);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00Z") == -14'400);
  CHECK(offset("AAA0BBB-2,J60/0,J61/0", "2028-03-01T00:00Z") == 7'200);  // Never February 29.
  CHECK(offset("AAA0BBB-2,59/0,60/0", "2028-02-29T00:00Z") == 7'200);
  CHECK(offset("XXX3EDT4,0/0,J365/23", "2026-12-31T23:59Z") == -14'400);  // Summer all year long.
  CHECK(offset("XXX3EDT4,0/0,J365/23", "2027-01-01T03:00Z") == -14'400);
  CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59Z") == -7'200);
  CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00Z") == -3'600);
}

TEST_CASE("what is no rule for all years is refused") {
  for (const char* text : {"",
                           "CE",
                           "CET",
                           "CET-1CEST",
                           "CET-1CEST,",
                           "CET-1CEST,M3.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/",
                           "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0",
                           "CET-1CEST,M3.0.0,M10.5.0",
                           "CET-1CEST,M3.5.7,M10.5.0",
                           "CET-1CEST,J0,J365",
                           "CET-1CEST,366,1",
                           "CET-25",
                           "CET-1:60",
                           "<CET-1",
                           "<>-1",
                           "CET-1CEST,M3.5.0/168,M10.5.0",
                           "CET-1 ",
                           "C1T-1",
                           "CET-1CEST-2x",
                           "CET--1"}) {
    INFO(text);
    CHECK_FALSE(PosixZone::parse(text).has_value());
  }
}

TEST_CASE("a file of the tz database that is cut anywhere is refused") {
  const std::string whole = readZone("Europe/Berlin");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    CHECK_FALSE(TimeZone::parse(asBytes(whole.substr(0, length))).has_value());
  }
}

TEST_CASE("a file of the tz database with a changed byte is refused or gives an offset") {
  const std::string whole = readZone("Europe/Berlin");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(~changed[at]);
    const auto zone = TimeZone::parse(asBytes(changed));
    if (zone) {
      CHECK(std::abs(zone->offsetAt(utc("2026-07-01")).seconds) < 100'000);
    }
  }
  CHECK_FALSE(TimeZone::parse(asBytes(std::string(TimeZone::kMaxFileSize + 1, 'x'))).has_value());
}

TEST_CASE("names of zones never lead out of their directory") {
  TimeZones zones;
  CHECK(zones.find("Europe/Berlin").has_value());
  CHECK(zones.find("Europe/Berlin")->get() == zones.find("Europe/Berlin")->get());
  for (const char* name :
       {"", "Europe", "Europe/Berlim", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC",
        "Europe//Berlin", "./UTC", "tzdata.zi", "Europe/Berlin\n"}) {
    INFO(name);
    CHECK_FALSE(zones.find(name).has_value());
  }
}

}  // namespace peerpool::auth
