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

/// Where daemons receive the log. Whether anybody is there shows with the first entry, and again
/// with each: they may come back.
struct LogSockets {
  std::string journal = "/run/systemd/journal/socket";  ///< journald, its native protocol.
  std::string syslog = "/dev/log";
};

/// Throws std::system_error with the path when a file cannot be opened.
[[nodiscard]] std::unique_ptr<LogWriter> makeLogWriter(const config::Logging& settings,
                                                       const LogSockets& sockets = {});

}  // namespace peerpool::observe
