// The stages, one behind the other.

#include "proxy/server/policy_loader.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "auth/peer.h"
#include "auth/policy_check.h"
#include "config/changes.h"
#include "config/load.h"
#include "proxy/server/credentials.h"

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

/// Reads and validates; null when it could not even be read. Of use only if `out` has no errors.
std::shared_ptr<config::Config> loadConfig(const std::string& path, config::Diagnostics& out,
                                           bool& file_missing) {
  try {
    return std::make_shared<config::Config>(config::load(path, out));
  } catch (const config::InvalidConfig& invalid) {
    addAll(invalid.diagnostics(), out);
  } catch (const std::system_error& error) {
    file_missing = error.code() == std::errc::no_such_file_or_directory;
    out.error(wholeFile(path), "", error.what());
  }
  return nullptr;
}

/// The file has mistakes: nothing may be decided by it, but the accounts it names are looked up, so
/// that one run shows unknown ones too. A place that has been complained about is left at that.
void checkNames(const std::shared_ptr<const config::Config>& config, auth::Accounts& accounts,
                config::Diagnostics& out) {
  try {
    const auth::Policy unused(config, accounts);
  } catch (const config::InvalidConfig& invalid) {
    const std::vector<config::Diagnostic> known = out.sorted();
    for (const config::Diagnostic& mistake : invalid.diagnostics()) {
      const bool told = std::any_of(known.begin(), known.end(), [&](const config::Diagnostic& one) {
        return one.where.file == mistake.where.file && one.where.line == mistake.where.line;
      });
      if (!told) {
        addAll({mistake}, out);
      }
    }
  }
}

}  // namespace

LoadedPolicy loadPolicy(const std::string& path, auth::Accounts& accounts,
                        const auth::FileFacts& files, const auth::Snapshot* running) {
  LoadedPolicy result;
  config::Diagnostics problems;
  std::shared_ptr<const auth::Snapshot> snapshot;
  const auto config = loadConfig(path, problems, result.file_missing);
  if (config != nullptr && problems.hasErrors()) {
    checkNames(config, accounts, problems);
  } else if (config != nullptr) {
    if (running != nullptr) {
      result.kept = config::keepUntilRestart(*running->config, *config);
    }
    const std::uint64_t generation = running == nullptr ? 1 : running->generation + 1;
    try {
      snapshot.reset(new auth::Snapshot{config, auth::Policy(config, accounts), generation});
      checkCredentials(*config, credentialsDirectory(), problems);
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

LoadedPolicy loadSystemPolicy(const std::string& path, const auth::Snapshot* running) {
  auth::SystemAccounts accounts;
  return loadPolicy(path, accounts, auth::SystemFileFacts(), running);
}

}  // namespace peerpool::server
