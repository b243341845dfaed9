// The command line as a value. Runs nothing.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/moment.h"
#include "proxy/admin/status_json.h"
#include "proxy/base/result.h"
#include "proxy/server/described_process.h"

namespace peerpool::server {

inline constexpr char kDefaultConfig[] = "/etc/peerpool/peerpool.yaml";

enum class Command : std::uint8_t {
  Help,
  Version,
  Serve,
  Check,
  Explain,
  Status,
  Reload,
  Audit,
  PolicyDiff,
  PolicyReplay,
  WhoCan
};

enum class ReportFormat : std::uint8_t { Text, Json, Sarif };

/// All that can be said on a command line; each command looks at its own part.
struct Options {
  Command command = Command::Help;
  /// --help was given: print the help of `command` (or of all), and do nothing else.
  bool help = false;
  std::string config = kDefaultConfig;
  std::string runtime_directory;                    ///< serve, status, reload; empty: default.
  ReportFormat format = ReportFormat::Text;         ///< check.
  bool strict = false;                              ///< check: warnings are errors.
  bool json = false;                                ///< status.
  admin::StatusKind what = admin::StatusKind::All;  ///< status.
  std::string listener;                             ///< explain, and all below.
  std::optional<pid_t> pid;
  std::string user;                 ///< Name or number.
  std::vector<std::string> groups;  ///< Names or numbers.
  bool groups_given = false;        ///< False: the user's own groups.
  ProcessDescription process;       ///< Of `user`.
  std::string reference;            ///< explain: of an event, instead of a peer.
  std::string database;
  std::string role;
  config::Moment at;               ///< Not given: now.
  std::vector<std::string> files;  ///< audit verify: none: the configuration's. policy diff: two.
                                   ///< policy replay, explain: audit logs.
  bool verify = false;             ///< audit: the word was there.
  std::string expect;              ///< audit verify: a hash.
};

/// Reads the arguments after the program's name. Error (Refused): what is wrong, with a hint.
[[nodiscard]] Result<Options> parseOptions(const std::vector<std::string>& arguments);

/// What `--help` prints: of all commands for Help, else of that one.
[[nodiscard]] std::string helpText(Command command);

}  // namespace peerpool::server
