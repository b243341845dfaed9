// How the process runs and where its log goes, as the operator wrote it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "config/limits.h"

namespace peerpool::config {

enum class IoEngine : std::uint8_t { Auto, Epoll, IoUring };
enum class LogSeverity : std::uint8_t { Debug, Info, Warning, Error };
enum class LogFormat : std::uint8_t { Text, Json, Journald };
enum class LogTarget : std::uint8_t { StandardError, Journal, Syslog, File };

/// process:
struct Process {
  std::size_t workers = 0;  ///< Threads on the data path; 0 means auto.
  IoEngine io_engine = IoEngine::Auto;
  std::size_t max_clients = 10000;
  Duration shutdown_timeout{30'000};  ///< From SIGTERM until all clients are ended.
};

/// log: The journal gets its own format and no other target does.
struct Logging {
  LogSeverity level = LogSeverity::Info;
  LogFormat format = LogFormat::Text;
  LogTarget target = LogTarget::StandardError;
  std::string file;  ///< Of LogTarget::File, else empty.
};

/// audit:
struct Auditing {
  std::string file;       ///< JSON lines are appended to it; empty: none, or the journal.
  bool required = false;  ///< Nobody is let in while it cannot be written.
  bool journal = false;   ///< Fields for journald, and no file.
};

}  // namespace peerpool::config
