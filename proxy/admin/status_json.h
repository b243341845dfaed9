// The status document: what the running process tells of itself, as JSON. Made by the process, read
// by `peerpool status` and by scripts. What peers say is printable in it.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/admin/control.h"
#include "proxy/base/clock.h"

namespace peerpool::admin {

/// What was asked for.
enum class StatusKind : std::uint8_t { All, Pools, Clients, Servers, Limits };

/// "all", "pools", "clients", "servers", "limits".
[[nodiscard]] std::string_view name(StatusKind kind) noexcept;
/// No value: no such word.
[[nodiscard]] std::optional<StatusKind> statusKind(std::string_view word) noexcept;

/// The process as a whole.
struct ProcessReport {
  std::string version;
  pid_t pid = 0;
  std::string config;  ///< Path of the main file.
  Duration uptime{0};
  std::uint64_t generation = 0;
  bool complete = true;  ///< False: a worker did not answer in time.
  std::string mode = "enforce";
};

struct StatusReport {
  ProcessReport process;
  std::vector<WorkerReport> workers;
  std::vector<LimitReport> limits = {};
  std::optional<AuditReport> audit = {};
  std::vector<DriftReport> drift = {};
};

/// One JSON object on one line. Keys are in a fixed order; ages and waits are in milliseconds.
[[nodiscard]] std::string statusJson(const StatusReport& report, StatusKind kind);

/// The document of a request that could not be answered: {"error": TEXT}.
[[nodiscard]] std::string errorJson(const std::string& text);

}  // namespace peerpool::admin
