// How the process runs and where its log goes, as the operator wrote it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "config/limits.h"

namespace peerpool::config {

enum class IoEngine : std::uint8_t { Auto, Epoll, IoUring };
enum class LogSeverity : std::uint8_t { Debug, Info, Warning, Error };

/// process:
struct Process {
  std::size_t workers = 0;  ///< Threads on the data path; 0 means auto.
  IoEngine io_engine = IoEngine::Auto;
  std::size_t max_clients = 10000;
  Duration shutdown_timeout{30'000};  ///< From SIGTERM until all clients are ended.
};

/// log:
struct Logging {
  LogSeverity level = LogSeverity::Info;
  std::string file;  ///< Empty: standard error.
};

}  // namespace peerpool::config
