// The table of commands, and Poco's option processor behind it.

#include "proxy/server/options.h"

#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

#include "config/wording.h"
#include "proxy/server/command_table.h"
#include "proxy/server/options_check.h"

namespace peerpool::server {
namespace {

const CommandSpec* findCommand(std::string_view name) {
  const auto found = std::find_if(commands().begin(), commands().end(),
                                  [name](const CommandSpec& spec) { return spec.name == name; });
  return found == commands().end() ? nullptr : &*found;
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

constexpr std::size_t kMostLogs = 10'000;

/// How many files may be named without an option.
std::size_t mostFiles(Command command) {
  return command == Command::PolicyDiff                                    ? 2
         : command == Command::PolicyReplay || command == Command::Explain ? kMostLogs
                                                                           : 0;
}

/// The arguments of a command that are no options.
Result<Options> addWord(Options options, const std::string& word) {
  if (options.command == Command::Audit && (options.verify || word == "verify")) {
    if (std::exchange(options.verify, true)) {
      options.files.push_back(word);
    }
    return options;
  }
  if (options.files.size() < mostFiles(options.command)) {
    options.files.push_back(word);
    return options;
  }
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
  specs.push_back(helpOption());
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

}  // namespace

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
  Options options;
  if (arguments.empty()) {
    return usage("a command is missing", "see peerpool --help");
  }
  std::size_t words = 1;
  std::string first = arguments.front();
  if (first == "policy" && arguments.size() > 1 && arguments[1] != "--help") {
    first += ' ' + arguments[words++];
  }
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
  const std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(words),
                                      arguments.end());
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
