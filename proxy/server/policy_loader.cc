// The stages, one behind the other.

#include "proxy/server/policy_loader.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "auth/peer.h"
#include "auth/policy_check.h"
#include "config/load.h"

namespace peerpool::server {
namespace {

/// A place of its own for what is wrong with the file as a whole.
config::Location wholeFile(const std::string& path) { return {path, 0, 0}; }

void addAll(const std::vector<config::Diagnostic>& mistakes, config::Diagnostics& out) {
  for (const config::Diagnostic& mistake : mistakes) {
    if (mistake.severity == config::Diagnostic::Severity::Error) {
      out.error(mistake.where, mistake.path, mistake.message, mistake.hint);
    } else {
      out.warning(mistake.where, mistake.path, mistake.message, mistake.hint);
    }
  }
}

/// Reads and validates; null when there are errors.
std::shared_ptr<const config::Config> loadConfig(const std::string& path, config::Diagnostics& out,
                                                 bool& file_missing) {
  try {
    auto config = std::make_shared<const config::Config>(config::load(path, out));
    return out.hasErrors() ? nullptr : config;
  } catch (const config::InvalidConfig& invalid) {
    addAll(invalid.diagnostics(), out);
  } catch (const std::system_error& error) {
    file_missing = error.code() == std::errc::no_such_file_or_directory;
    out.error(wholeFile(path), "", error.what());
  }
  return nullptr;
}

}  // namespace

LoadedPolicy loadPolicy(const std::string& path, auth::Accounts& accounts,
                        const auth::FileFacts& files) {
  LoadedPolicy result;
  config::Diagnostics problems;
  std::shared_ptr<const auth::Snapshot> snapshot;
  if (auto config = loadConfig(path, problems, result.file_missing)) {
    try {
      snapshot.reset(new auth::Snapshot{config, auth::Policy(config, accounts), 1});
      const Result<auth::Identity> service = auth::readSelf();
      if (service) {
        auth::checkPolicy(snapshot->policy, accounts, files, *service, problems);
      } else {
        problems.error(wholeFile(path), "", service.error().text);
      }
    } catch (const config::InvalidConfig& invalid) {
      addAll(invalid.diagnostics(), problems);
    }
  }
  result.diagnostics = problems.sorted();
  if (!problems.hasErrors()) {
    result.snapshot = std::move(snapshot);
  }
  return result;
}

LoadedPolicy loadSystemPolicy(const std::string& path) {
  auth::SystemAccounts accounts;
  return loadPolicy(path, accounts, auth::SystemFileFacts());
}

}  // namespace peerpool::server
