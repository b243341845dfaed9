// The stages, one behind the other.

#include "proxy/server/policy_loader.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ostream>
#include <system_error>
#include <utility>
#include <vector>

#include "auth/kernel_features.h"
#include "auth/peer.h"
#include "auth/policy_check.h"
#include "config/changes.h"
#include "config/load.h"
#include "proxy/server/attest_client.h"
#include "proxy/server/credentials.h"
#include "proxy/server/exit_code.h"

namespace peerpool::server {
namespace {

/// Where tzset(3) looks for time zones.
auth::TimeZones systemZones() {
  const char* const directory = std::getenv("TZDIR");
  return directory == nullptr || *directory == '\0' ? auth::TimeZones()
                                                    : auth::TimeZones(directory);
}

/// What is wrong, or should be remembered, while nothing is denied.
void checkMode(const config::Config& config, config::Diagnostics& out) {
  if (config.mode == config::Mode::Audit && config.audit_until) {
    if (*config.audit_until <= std::chrono::system_clock::now()) {
      out.error(config.mode_where, "audit_until",
                "mode: audit has ended: audit_until is in the past",
                "take both keys out, so that the rules are enforced, or give a later date");
    } else {
      out.warning(config.mode_where, "mode",
                  "until " + config::printInstant(*config.audit_until) +
                      " nobody is denied but by never: and never_roles:",
                  "look for login-would-be-denied in the audit log, then take mode: audit out");
    }
  }
}

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

/// The file has mistakes: nothing may be decided by it, but the accounts and programs it names are
/// looked up, so that one run shows unknown ones too. A place that has been complained about is
/// left at that.
void checkNames(const std::shared_ptr<const config::Config>& config, auth::Accounts& accounts,
                const auth::FileFacts& files, config::Diagnostics& out) {
  try {
    const auth::Policy unused(config, accounts, systemZones(), files);
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

auth::KernelFeatures featuresFor(const config::Config& config, const HelperCheck& helper) {
  auth::KernelFeatures features = auth::readKernelFeatures();
  if (!helper.socket.empty() && auth::asksForPrograms(config)) {
    features.unattested = whyUnattested(helper.socket).value_or("");
    features.attestation_required = helper.required;
  }
  return features;
}

}  // namespace

LoadedPolicy loadPolicy(const std::string& path, auth::Accounts& accounts,
                        const auth::FileFacts& files, const auth::Snapshot* running,
                        const HelperCheck& helper) {
  LoadedPolicy result;
  config::Diagnostics problems;
  std::shared_ptr<const auth::Snapshot> snapshot;
  const auto config = loadConfig(path, problems, result.file_missing);
  if (config != nullptr && problems.hasErrors()) {
    checkNames(config, accounts, files, problems);
  } else if (config != nullptr) {
    if (running != nullptr) {
      result.kept = config::keepUntilRestart(*running->config, *config);
    }
    auth::adaptToKernel(*config, featuresFor(*config, helper), problems);
    const std::uint64_t generation = running == nullptr ? 1 : running->generation + 1;
    try {
      snapshot.reset(new auth::Snapshot{
          config, auth::Policy(config, accounts, systemZones(), files), generation});
      checkMode(*config, problems);
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

int refuseLoaded(const LoadedPolicy& loaded, std::ostream& err) {
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    err << config::describe(diagnostic) << '\n';
  }
  return loaded.file_missing ? kExitNoInput : kExitConfiguration;
}

LoadedPolicy loadSystemPolicy(const std::string& path, const std::string& attest_socket,
                              const auth::Snapshot* running) {
  auth::SystemAccounts accounts;
  return loadPolicy(path, accounts, auth::SystemFileFacts(), running, {attest_socket, true});
}

}  // namespace peerpool::server
