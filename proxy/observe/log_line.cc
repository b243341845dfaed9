// Time, level, event, fields: in this order, so that plain sort and cut work on a log.

#include "proxy/observe/log_line.h"

#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "proxy/observe/escape.h"

namespace peerpool::observe {
namespace {

std::string_view levelName(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "DEBUG";
    case LogLevel::Info:
      return "INFO ";
    case LogLevel::Warning:
      return "WARN ";
    case LogLevel::Error:
      return "ERROR";
  }
  return "ERROR";
}

std::string timestamp(std::chrono::system_clock::time_point when) {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::floor<milliseconds>(when.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto whole = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03dZ",
                static_cast<int>((since_epoch - seconds).count()));
  return std::string(text, length) + fraction;
}

}  // namespace

std::string formatLine(const LogEvent& event, std::chrono::system_clock::time_point when) {
  std::string line = timestamp(when);
  line += ' ';
  line += levelName(event.level);
  line += ' ';
  line += event.event;
  for (const auto& [key, value] : event.fields) {
    line += ' ';
    line += key;
    line += '=';
    line += quotedIfNeeded(value);
  }
  return line;
}

}  // namespace peerpool::observe
