// The command line as a value. Runs nothing.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/admin/status_json.h"
#include "proxy/base/result.h"

namespace peerpool::server {

inline constexpr char kDefaultConfig[] = "/etc/peerpool/peerpool.yaml";

enum class Command : std::uint8_t { Help, Version, Serve, Check, Explain, Status, Reload };

/// All that can be said on a command line; each command looks at its own part.
struct Options {
  Command command = Command::Help;
  /// --help was given: print the help of `command` (or of all), and do nothing else.
  bool help = false;
  std::string config = kDefaultConfig;
  std::string runtime_directory;                    ///< serve, status, reload; empty: default.
  bool json = false;                                ///< status.
  admin::StatusKind what = admin::StatusKind::All;  ///< status.
  std::string listener;                             ///< explain, and all below.
  std::optional<pid_t> pid;
  std::string user;                 ///< Name or number.
  std::vector<std::string> groups;  ///< Names or numbers.
  bool groups_given = false;        ///< False: the user's own groups.
  std::string database;
  std::string role;
};

/// Reads the arguments after the program's name. Error (Refused): what is wrong, with a hint.
[[nodiscard]] Result<Options> parseOptions(const std::vector<std::string>& arguments);

/// What `--help` prints: of all commands for Help, else of that one.
[[nodiscard]] std::string helpText(Command command);

}  // namespace peerpool::server
