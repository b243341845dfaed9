// What each command needs, and what does not go together.

#include "proxy/server/options_check.h"

namespace peerpool::server {
namespace {

std::optional<Error> incompleteExplain(const Options& options) {
  const bool described = options.groups_given || !options.process.empty();
  if (!options.reference.empty()) {
    const bool more = options.pid || described || !options.user.empty() ||
                      !options.listener.empty() || !options.database.empty() ||
                      !options.role.empty();
    return more ? std::optional(usage("--reference stands for peer, listener, database and role"))
                : std::nullopt;
  }
  if (!options.files.empty()) {
    return usage("unexpected argument '" + options.files.front() + "'",
                 "audit logs go with --reference");
  }
  if (options.listener.empty()) {
    return usage("explain needs --listener NAME");
  }
  if (options.pid.has_value() == !options.user.empty()) {
    return usage("explain needs either --pid N or --user NAME");
  }
  if (options.pid && described) {
    return usage("--group, --unit, --exe and --container go with --user", "a process has its own");
  }
  return std::nullopt;
}

}  // namespace

Error usage(const std::string& text, const std::string& hint) {
  return {ErrorCode::Refused, hint.empty() ? text : text + "\n  hint: " + hint};
}

std::optional<Error> incomplete(const Options& options) {
  if (options.command == Command::Audit && !options.verify && !options.help) {
    return usage("audit needs a word", "peerpool audit verify");
  }
  if (options.command == Command::PolicyDiff && options.files.size() != 2 && !options.help) {
    return usage("policy diff needs two files", "peerpool policy diff OLD.yaml NEW.yaml");
  }
  if (options.command == Command::PolicyReplay && options.files.empty() && !options.help) {
    return usage("policy replay needs the files of an audit log");
  }
  if (options.command == Command::WhoCan && options.database.empty() && !options.help) {
    return usage("who-can needs --database D");
  }
  return options.command == Command::Explain && !options.help ? incompleteExplain(options)
                                                              : std::nullopt;
}

}  // namespace peerpool::server
