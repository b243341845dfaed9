// Tables of commands and options, and Poco's option processor behind them.

#include "proxy/server/options.h"

#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>

#include "config/wording.h"

namespace peerpool::server {
namespace {

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

template <std::string Options::*member>
bool setText(Options& options, const std::string& value) {
  options.*member = value;
  return !value.empty();
}

bool setPid(Options& options, const std::string& value) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), pid);
  options.pid = pid;
  return error == std::errc() && end == value.data() + value.size() && pid > 0;
}

bool addGroup(Options& options, const std::string& value) {
  options.groups.push_back(value);
  options.groups_given = true;
  return !value.empty();
}

const OptionSpec kHelp = {"help", "h", "", "print this", [](Options& options, const std::string&) {
                            options.help = true;
                            return true;
                          }};
const OptionSpec kConfig = {"config", "c", "FILE", "default /etc/peerpool/peerpool.yaml",
                            setText<&Options::config>};
const OptionSpec kRuntimeDirectory = {
    "runtime-dir", "", "DIR",
    "default $RUNTIME_DIRECTORY, /run/peerpool, $XDG_RUNTIME_DIR/peerpool",
    setText<&Options::runtime_directory>};

struct CommandSpec {
  Command command;
  std::string_view name;
  std::string_view arguments;
  std::string_view text;
  std::vector<OptionSpec> options;
};

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> kCommands = {
      {Command::Serve,
       "serve",
       "[--config FILE]",
       "run in the foreground",
       {kConfig, kRuntimeDirectory}},
      {Command::Check,
       "check",
       "[--config FILE]",
       "parse, validate and test the configuration; print every mistake",
       {kConfig}},
      {Command::Explain,
       "explain",
       "--listener NAME (--pid N | --user NAME [--group NAME]...) [--database D] [--role R]",
       "the decision about a peer, and how each rule fared",
       {kConfig,
        {"listener", "", "NAME", "the door, as named in the configuration",
         setText<&Options::listener>},
        {"pid", "", "N", "a running process as the peer", setPid},
        {"user", "", "NAME", "an account as the peer; a name or a number", setText<&Options::user>},
        {"group", "", "NAME", "exactly these groups, beside the primary one; repeatable", addGroup,
         true},
        {"database", "", "D", "asked for in the startup packet", setText<&Options::database>},
        {"role", "", "R", "asked for in the startup packet", setText<&Options::role>}}},
      {Command::Status,
       "status",
       "[--config FILE] [pools | clients | servers | limits]",
       "ask the running one",
       {kConfig,
        kRuntimeDirectory,
        {"json", "", "", "print the answer as it came",
         [](Options& options, const std::string&) {
           options.json = true;
           return true;
         }}}},
      {Command::Reload,
       "reload",
       "[--config FILE]",
       "let the running one read its configuration anew; print what it says",
       {kConfig, kRuntimeDirectory}},
  };
  return kCommands;
}

const CommandSpec* findCommand(std::string_view name) {
  const auto found = std::find_if(commands().begin(), commands().end(),
                                  [name](const CommandSpec& spec) { return spec.name == name; });
  return found == commands().end() ? nullptr : &*found;
}

Error usage(const std::string& text, const std::string& hint = "") {
  return {ErrorCode::Refused, hint.empty() ? text : text + "\n  hint: " + hint};
}

/// "did you mean X?", or where to look.
std::string meant(const std::string& word, const std::vector<std::string>& known,
                  const std::string& otherwise) {
  const std::string_view nearest =
      config::nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
  return nearest.empty() ? otherwise : "did you mean " + std::string(nearest) + '?';
}

Poco::Util::OptionSet pocoOptions(const std::vector<OptionSpec>& specs) {
  Poco::Util::OptionSet set;
  for (const OptionSpec& spec : specs) {
    Poco::Util::Option option{std::string(spec.name), std::string(spec.short_name)};
    option.required(false).repeatable(spec.repeatable);
    if (!spec.argument.empty()) {
      option.argument(std::string(spec.argument), true);
    }
    set.addOption(option);
  }
  return set;
}

/// The one argument of status that is no option.
Result<Options> addWord(Options options, const std::string& word) {
  const std::optional<admin::StatusKind> what =
      options.command == Command::Status ? admin::statusKind(word) : std::nullopt;
  if (!what || options.what != admin::StatusKind::All) {
    const std::string hint = options.command == Command::Status
                                 ? "one of pools, clients, servers, limits, or nothing for all"
                                 : "options begin with --";
    return usage("unexpected argument '" + word + "'", hint);
  }
  options.what = *what;
  return options;
}

/// Arguments of one command, after its name.
Result<Options> parseCommand(const CommandSpec& command,
                             const std::vector<std::string>& arguments) {
  std::vector<OptionSpec> specs = command.options;
  specs.push_back(kHelp);
  const Poco::Util::OptionSet set = pocoOptions(specs);
  Poco::Util::OptionProcessor processor(set);
  processor.setUnixStyle(true);
  Options options;
  options.command = command.command;
  for (const std::string& argument : arguments) {
    std::string option_name;
    std::string value;
    if (!processor.process(argument, option_name, value)) {
      Result<Options> added = addWord(std::move(options), argument);
      if (!added) {
        return added;
      }
      options = *std::move(added);
      continue;
    }
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& candidate) {
      return candidate.name == option_name;
    });
    if (spec != specs.end() && !spec->apply(options, value)) {
      return usage(std::string("--")
                       .append(option_name)
                       .append(": '")
                       .append(value)
                       .append("' is no ")
                       .append(spec->argument));
    }
  }
  processor.checkRequired();
  return options;
}

std::string unknownOptionHint(const CommandSpec& command,
                              const std::vector<std::string>& arguments) {
  std::vector<std::string> known{"--help"};
  for (const OptionSpec& spec : command.options) {
    known.push_back("--" + std::string(spec.name));
  }
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (word.starts_with("--") && std::find(known.begin(), known.end(), word) == known.end()) {
      return meant(word, known, "see peerpool " + std::string(command.name) + " --help");
    }
  }
  return "see peerpool " + std::string(command.name) + " --help";
}

std::optional<Error> incomplete(const Options& options) {
  if (options.command != Command::Explain || options.help) {
    return std::nullopt;
  }
  if (options.listener.empty()) {
    return usage("explain needs --listener NAME");
  }
  if (options.pid.has_value() == !options.user.empty()) {
    return usage("explain needs either --pid N or --user NAME");
  }
  if (options.pid && options.groups_given) {
    return usage("--group goes with --user; a process has its own groups");
  }
  return std::nullopt;
}

}  // namespace

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
  Options options;
  if (arguments.empty()) {
    return usage("a command is missing", "see peerpool --help");
  }
  const std::string& first = arguments.front();
  if (first == "--help" || first == "-h" || first == "help") {
    options.help = true;
    return options;
  }
  if (first == "--version") {
    options.command = Command::Version;
    return options;
  }
  const CommandSpec* command = findCommand(first);
  if (command == nullptr) {
    std::vector<std::string> names{"--help", "--version"};
    for (const CommandSpec& known : commands()) {
      names.emplace_back(known.name);
    }
    return usage("unknown command '" + first + "'", meant(first, names, "see peerpool --help"));
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  try {
    Result<Options> parsed = parseCommand(*command, rest);
    if (parsed) {
      if (std::optional<Error> error = incomplete(*parsed)) {
        return *std::move(error);
      }
    }
    return parsed;
  } catch (const Poco::Util::UnknownOptionException& exception) {
    return usage("unknown option " + exception.message(), unknownOptionHint(*command, rest));
  } catch (const Poco::Util::OptionException& exception) {
    return usage(exception.displayText(), "see peerpool " + first + " --help");
  }
}

std::string helpText(Command command) {
  std::string out;
  for (const CommandSpec& spec : commands()) {
    if (command != spec.command && command != Command::Help) {
      continue;
    }
    out += "peerpool " + std::string(spec.name) + ' ' + std::string(spec.arguments) + "\n    " +
           std::string(spec.text) + '\n';
    if (command == Command::Help) {
      continue;
    }
    for (const OptionSpec& option : spec.options) {
      std::string title = "  --" + std::string(option.name);
      title += option.argument.empty() ? "" : ' ' + std::string(option.argument);
      title.resize(std::max(title.size() + 2, std::size_t{22}), ' ');
      out += title + std::string(option.text) + '\n';
    }
  }
  if (command == Command::Help) {
    out += "peerpool --version\npeerpool COMMAND --help\n";
  }
  return out;
}

}  // namespace peerpool::server
