// What happened, as a value, and where it goes. No format, file or thread is known here: the sink
// of the process (proxy/observe) decides about those.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peerpool {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// One line of the log. `event` is a short fixed word ("client denied"); all that varies is a
/// field. Fields may hold what a peer sent: the sink escapes them. Secrets never become a field.
struct LogEvent {
  LogLevel level = LogLevel::Info;
  std::string_view event;                                             ///< A literal.
  std::vector<std::pair<std::string_view, std::string>> fields = {};  ///< Keys are literals.
};

/// Takes events from any thread, never blocks: when it is full the event is counted and dropped.
class Log {
 public:
  virtual ~Log() = default;
  [[nodiscard]] virtual bool wants(LogLevel level) const noexcept = 0;
  virtual void write(LogEvent event) noexcept = 0;
};

}  // namespace peerpool
