#include "proxy/server/command_table.h"

#include <charconv>
#include <optional>
#include <utility>

namespace peerpool::server {
namespace {

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

bool setMoment(Options& options, const std::string& value) {
  const std::optional<config::Moment> at = config::parseMoment(value);
  options.at = at.value_or(config::Moment());
  return at.has_value();
}

template <std::string ProcessDescription::*member>
bool setProcess(Options& options, const std::string& value) {
  options.process.*member = value;
  return !value.empty();
}

bool setContainer(Options& options, const std::string& value) {
  options.process.container = containerKind(value);
  return options.process.container.has_value();
}

bool setFormat(Options& options, const std::string& value) {
  options.format = value == "json"    ? ReportFormat::Json
                   : value == "sarif" ? ReportFormat::Sarif
                                      : ReportFormat::Text;
  return value == "text" || options.format != ReportFormat::Text;
}

template <bool Options::*member>
bool setFlag(Options& options, const std::string&) {
  options.*member = true;
  return true;
}

bool addGroup(Options& options, const std::string& value) {
  options.groups.push_back(value);
  options.groups_given = true;
  return !value.empty();
}

const OptionSpec kHelp = {"help", "h", "", "print this", setFlag<&Options::help>};
const OptionSpec kConfig = {"config", "c", "FILE", "default /etc/peerpool/peerpool.yaml",
                            setText<&Options::config>};
const OptionSpec kRuntimeDirectory = {
    "runtime-dir", "", "DIR",
    "default $RUNTIME_DIRECTORY, /run/peerpool, $XDG_RUNTIME_DIR/peerpool",
    setText<&Options::runtime_directory>};

const OptionSpec kListener = {"listener", "", "NAME", "the door, as named in the configuration",
                              setText<&Options::listener>};
const OptionSpec kDatabase = {"database", "", "D", "asked for in the startup packet",
                              setText<&Options::database>};
const OptionSpec kRole = {"role", "", "R", "a role of PostgreSQL", setText<&Options::role>};

/// Those of the running service, and of what it writes.
std::vector<CommandSpec> serviceCommands() {
  return {
      {Command::Serve,
       "serve",
       "[--config FILE]",
       "run in the foreground",
       {kConfig, kRuntimeDirectory}},
      {Command::Status,
       "status",
       "[--config FILE] [pools | clients | servers | limits]",
       "ask the running one",
       {kConfig,
        kRuntimeDirectory,
        {"json", "", "", "print the answer as it came", setFlag<&Options::json>}}},
      {Command::Reload,
       "reload",
       "[--config FILE]",
       "let the running one read its configuration anew; print what it says",
       {kConfig, kRuntimeDirectory}},
      {Command::Audit,
       "audit",
       "verify [--config FILE] [--expect HASH] [FILE...]",
       "is the audit log as it was written? FILEs from the oldest to the newest",
       {kConfig,
        {"expect", "", "HASH", "noted before, as by peerpool status: some line must have it",
         setText<&Options::expect>}}},
  };
}

/// Those that read policies, and need nobody to run.
std::vector<CommandSpec> policyCommands() {
  return {
      {Command::Check,
       "check",
       "[--config FILE] [--format text|json|sarif] [--strict]",
       "parse, validate and test the configuration; print every mistake",
       {kConfig,
        {"format", "", "FORMAT", "text, json, or sarif for code scanning", setFormat},
        {"strict", "", "", "warnings are errors", setFlag<&Options::strict>}}},
      {Command::Explain,
       "explain",
       "--listener NAME (--pid N | --user NAME [--group NAME]... [--unit NAME] [--exe PATH] "
       "[--container KIND]) [--database D] [--role R] [--at TIME]\n"
       "peerpool explain --reference REF [--at TIME] [AUDIT.jsonl...]",
       "the decision about a peer, and how each rule fared",
       {kConfig,
        kListener,
        {"pid", "", "N", "a running process as the peer", setPid},
        {"user", "", "NAME", "an account as the peer; a name or a number", setText<&Options::user>},
        {"group", "", "NAME", "exactly these groups, beside the primary one; repeatable", addGroup,
         true},
        {"unit", "", "NAME", "as a process of that systemd unit",
         setProcess<&ProcessDescription::unit>},
        {"exe", "", "PATH", "as a process that runs that program",
         setProcess<&ProcessDescription::executable>},
        {"container", "", "KIND", "none, any, docker or podman", setContainer},
        {"reference", "", "REF", "of an event in the audit log; what was decided then, and now",
         setText<&Options::reference>},
        kDatabase,
        kRole,
        {"at", "", "TIME", "\"Mon 12:00\" in each rule's zone, or an instant; now without it",
         setMoment}}},
      {Command::WhoCan,
       "who-can",
       "--database D [--role R] [--listener NAME]",
       "who may use a database, by which rule, under which conditions; asked as policy diff does",
       {kConfig, kDatabase, kRole, kListener}},
      {Command::PolicyDiff,
       "policy diff",
       "OLD.yaml NEW.yaml",
       "who gains and who loses what. It asks both about the accounts, groups, units, databases "
       "and "
       "roles that they name, and about somebody else: a sample, no proof",
       {}},
      {Command::PolicyReplay,
       "policy replay",
       "[--config FILE] AUDIT.jsonl...",
       "decide what an audit log tells of anew, by that configuration; print what changes",
       {kConfig}},
  };
}

}  // namespace

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> kCommands = [] {
    std::vector<CommandSpec> all = serviceCommands();
    for (CommandSpec& command : policyCommands()) {
      all.push_back(std::move(command));
    }
    return all;
  }();
  return kCommands;
}

const OptionSpec& helpOption() { return kHelp; }

}  // namespace peerpool::server
