// One event, one line.

#include "proxy/observe/log_line.h"

#include <catch2/catch.hpp>
#include <chrono>

namespace peerpool::observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

TEST_CASE("A line has time, level, event and fields") {
  const system_clock::time_point when{milliseconds(1795369200123)};
  const LogEvent event{LogLevel::Info,
                       "client denied",
                       {{"ref", "7f3a"}, {"uid", "1000"}, {"reason", "no rule matches"}}};
  CHECK(
      formatLine(event, when) ==
      "2026-11-22T17:40:00.123Z INFO  client denied ref=7f3a uid=1000 reason=\"no rule matches\"");
}

TEST_CASE("Levels have one width") {
  const auto [level, text] = GENERATE(table<LogLevel, const char*>({
      {LogLevel::Debug, "1970-01-01T00:00:00.000Z DEBUG x"},
      {LogLevel::Info, "1970-01-01T00:00:00.000Z INFO  x"},
      {LogLevel::Warning, "1970-01-01T00:00:00.000Z WARN  x"},
      {LogLevel::Error, "1970-01-01T00:00:00.000Z ERROR x"},
  }));
  CHECK(formatLine({level, "x"}, system_clock::time_point{}) == text);
}

TEST_CASE("No field can begin a line or another field") {
  const LogEvent event{LogLevel::Info,
                       "client login",
                       {{"role", "a\n2026-11-22T17:40:00.123Z INFO  client allowed uid=0"},
                        {"database", "x uid=0"}}};
  const std::string line = formatLine(event, system_clock::time_point{});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line ==
        "1970-01-01T00:00:00.000Z INFO  client login "
        "role=\"a\\n2026-11-22T17:40:00.123Z INFO  client allowed uid=0\" database=\"x uid=0\"");
}

}  // namespace
}  // namespace peerpool::observe
