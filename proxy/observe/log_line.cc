// Time, level, event, fields: in this order, so that plain sort and cut work on a log.

#include "proxy/observe/log_line.h"

#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "proxy/observe/escape.h"
#include "proxy/observe/json_text.h"

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

std::string_view jsonLevel(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

}  // namespace

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

std::string formatMessage(const LogEvent& event) {
  std::string text(event.event);
  for (const auto& [key, value] : event.fields) {
    text += ' ';
    text += key;
    text += '=';
    text += quotedIfNeeded(value);
  }
  return text;
}

std::string formatLine(const LogEvent& event, std::chrono::system_clock::time_point when) {
  std::string line = timestamp(when);
  line += ' ';
  line += levelName(event.level);
  line += ' ';
  line += formatMessage(event);
  return line;
}

std::string formatJson(const LogEvent& event, std::chrono::system_clock::time_point when) {
  std::string line = "{";
  appendJsonField(line, "@timestamp", timestamp(when));
  appendJsonField(line, "ecs.version", kEcsVersion);
  appendJsonField(line, "log.level", jsonLevel(event.level));
  appendJsonField(line, "service.type", "peerpool");
  appendJsonField(line, "message", event.event);
  for (const auto& [key, value] : event.fields) {
    appendJsonField(line, "peerpool." + std::string(key), value);
  }
  return line + '}';
}

}  // namespace peerpool::observe
