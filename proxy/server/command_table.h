// The commands of the command line and their options, as a table: what is read, and what help says.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/server/options.h"

namespace peerpool::server {

/// Where an option's value goes. False: `value` cannot be one.
using Apply = bool (*)(Options& options, const std::string& value);

struct OptionSpec {
  std::string_view name;
  std::string_view short_name;
  std::string_view argument;  ///< What help calls its value; empty: it has none.
  std::string_view text;
  Apply apply;
  bool repeatable = false;
};

struct CommandSpec {
  Command command;
  std::string_view name;
  std::string_view arguments;
  std::string_view text;
  std::vector<OptionSpec> options;
};

/// In the order of help.
[[nodiscard]] const std::vector<CommandSpec>& commands();

/// --help, which each of them has.
[[nodiscard]] const OptionSpec& helpOption();

}  // namespace peerpool::server
