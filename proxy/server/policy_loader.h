// From the name of a file to a policy that may be used: every stage that can run does, so that one
// run shows every mistake. Shared by serve, check and explain.

#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/admitted.h"
#include "auth/file_facts.h"
#include "config/diagnostics.h"

namespace peerpool::server {

/// `snapshot` is null exactly when `diagnostics` has an error.
struct LoadedPolicy {
  std::shared_ptr<const auth::Snapshot> snapshot;
  std::vector<config::Diagnostic> diagnostics;  ///< Mistakes and warnings, by file and line.
  bool file_missing = false;                    ///< There is no such configuration file.
  std::vector<std::string> kept;  ///< What differs from the running one and needs a restart.
};

/// Whether peerpool-attest is there is asked only of a configuration that needs it.
struct HelperCheck {
  std::string socket = {};  ///< Empty: nobody asks.
  bool required = true;     ///< An error when it is not there; else a warning.
};

/// Reads and validates the file, resolves its accounts, checks the policy against file permissions
/// and runs its `tests:`. May block on `accounts`; changes nothing.
/// With `running` the result is what may follow it: the next generation, with its process settings.
[[nodiscard]] LoadedPolicy loadPolicy(const std::string& path, auth::Accounts& accounts,
                                      const auth::FileFacts& files,
                                      const auth::Snapshot* running = nullptr,
                                      const HelperCheck& helper = {});

/// What reads the system: the accounts and files of this machine, and the helper at
/// `attest_socket`.
[[nodiscard]] LoadedPolicy loadSystemPolicy(const std::string& path,
                                            const std::string& attest_socket,
                                            const auth::Snapshot* running = nullptr);

/// Of one that may not be used: says why, and returns the exit code for it.
[[nodiscard]] int refuseLoaded(const LoadedPolicy& loaded, std::ostream& err);

}  // namespace peerpool::server
