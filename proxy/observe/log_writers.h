// Where the log's entries end: standard error, a file, syslog, the journal. Formats them; queues
// nothing.

#pragma once

#include <memory>
#include <string>

#include "config/model.h"
#include "proxy/observe/log_ring.h"

namespace peerpool::observe {

/// Used on the log's own thread only.
class LogWriter {
 public:
  virtual ~LogWriter() = default;
  /// May throw: the entry counts as dropped then.
  virtual void write(const LogEntry& entry) = 0;
  /// After logrotate has renamed the file. Throws std::system_error when there is no new one: then
  /// the old one stays. Nothing but files has to do something.
  virtual void reopen() {}
};

inline constexpr char kJournalSocket[] = "/run/systemd/journal/socket";

/// Throws std::system_error with the path when a file cannot be opened. `journal_socket` is where
/// journald receives its native protocol; whether anybody is there shows with the first entry.
[[nodiscard]] std::unique_ptr<LogWriter> makeLogWriter(
    const config::Logging& settings, const std::string& journal_socket = kJournalSocket);

}  // namespace peerpool::observe
