#include "proxy/observe/syslog_record.h"

namespace peerpool::observe {
namespace {

constexpr int kDaemon = 3;  // The facility.

}  // namespace

int syslogSeverity(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::Debug:
      return 7;
    case LogLevel::Info:
      return 6;
    case LogLevel::Warning:
      return 4;
    case LogLevel::Error:
      return 3;
  }
  return 3;
}

std::string syslogRecord(LogLevel level, pid_t pid, std::string_view text) {
  std::string record = '<' + std::to_string(kDaemon * 8 + syslogSeverity(level)) + ">peerpool[" +
                       std::to_string(pid) + "]: ";
  record += text;
  return record;
}

}  // namespace peerpool::observe
