#include "config/units.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace peerpool::config {
namespace {

using namespace std::chrono_literals;

TEST_CASE("durations are a number and a unit, and print in the largest exact one") {
  struct Case {
    const char* text;
    Duration value;
    const char* printed;
  };
  const std::vector<Case> cases = {
      {"1ms", 1ms, "1ms"},     {"250ms", 250ms, "250ms"}, {"5s", 5s, "5s"},
      {"10m", 10min, "10m"},   {"1h", 1h, "1h"},          {"1d", 24h, "1d"},
      {"365d", 8760h, "365d"}, {"90s", 90s, "90s"},       {"60s", 1min, "1m"},
      {"1000ms", 1s, "1s"},    {"24h", 24h, "1d"},        {"1500ms", 1500ms, "1500ms"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(parseDuration(c.text) == c.value);
    CHECK(printDuration(c.value) == c.printed);
  }
}

TEST_CASE("what is no duration is refused") {
  for (const char* const text :
       {"",           "5",  "s",    "5 s",   " 5s", "5s ", "05s",  "-5s",   "+5s",
        "5.5s",       "5S", "5sec", "1h30m", "0s",  "0ms", "366d", "8761h", "99999999999999999999s",
        "5\xc2\xb5s", "ms"}) {
    INFO(text);
    CHECK_FALSE(parseDuration(text).has_value());
  }
}

TEST_CASE("rates are a count for each second, minute or hour") {
  CHECK(parseRate("100/s") == Rate{100, 1s});
  CHECK(parseRate("5/m") == Rate{5, 1min});
  CHECK(parseRate("1/h") == Rate{1, 1h});
  CHECK(printRate({100, 1s}) == "100/s");
  CHECK(printRate({5, 1min}) == "5/m");
  CHECK(printRate({1, 1h}) == "1/h");
  for (const char* const text : {"", "/", "/s", "100", "100/", "0/s", "-1/s", "1/ms", "1/d", "1/2s",
                                 "1/s/s", " 1/s", "1 /s", "01/s", "1.5/s", "1000000001/s"}) {
    INFO(text);
    CHECK_FALSE(parseRate(text).has_value());
  }
}

TEST_CASE("numbers have digits only and no leading zero") {
  CHECK(parseNumber("0") == 0U);
  CHECK(parseNumber("10") == 10U);
  CHECK(parseNumber("18446744073709551615") == UINT64_MAX);
  CHECK(parseNumber("64", 64) == 64U);
  CHECK_FALSE(parseNumber("65", 64).has_value());
  for (const char* const text :
       {"", "010", "00", "-1", "+1", "1 ", " 1", "1.0", "1e3", "0x10", "18446744073709551616"}) {
    INFO(text);
    CHECK_FALSE(parseNumber(text).has_value());
  }
}

TEST_CASE("modes are three or four octal digits") {
  struct Case {
    const char* text;
    mode_t mode;
    const char* printed;
  };
  for (const Case& c : std::vector<Case>{{"660", 0660, "0660"},
                                         {"0660", 0660, "0660"},
                                         {"2750", 02750, "2750"},
                                         {"000", 0, "0000"},
                                         {"7777", 07777, "7777"}}) {
    INFO(c.text);
    CHECK(parseMode(c.text) == c.mode);
    CHECK(printMode(c.mode) == c.printed);
  }
  for (const char* const text :
       {"", "66", "00660", "0o660", "0680", "0x1b0", "rw-", " 660", "-660"}) {
    INFO(text);
    CHECK_FALSE(parseMode(text).has_value());
  }
}

TEST_CASE("id ranges are one number or two in order, and never minus one") {
  struct Case {
    const char* text;
    IdRange range;
  };
  for (const Case& c : std::vector<Case>{{"0", {0, 0}},
                                         {"1000", {1000, 1000}},
                                         {"20000-20099", {20000, 20099}},
                                         {"0-4294967294", {0, 4294967294}}}) {
    INFO(c.text);
    const auto parsed = parseIdRange(c.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->first == c.range.first);
    CHECK(parsed->last == c.range.last);
    CHECK(printIdRange(*parsed) == c.text);
  }
  for (const char* const text : {"", "-", "1-", "-1", "2-1", "1-2-3", "010", "1 - 2", "a", "root",
                                 "4294967295", "1-4294967295", "4294967296"}) {
    INFO(text);
    CHECK_FALSE(parseIdRange(text).has_value());
  }
}

}  // namespace
}  // namespace peerpool::config
