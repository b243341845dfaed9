// `peerpool policy diff`, `policy replay` and `peerpool who-can`: questions to policies that nobody
// has to run. Each returns an exit code.

#pragma once

#include <iosfwd>
#include <vector>

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// Who gains and who loses what. kExitOk: no difference was found; kExitDifferent: there are some,
/// or too many questions to be sure; kExitNoInput, kExitConfiguration: a file cannot be used.
[[nodiscard]] int runPolicyDiff(const Options& options, auth::Accounts& accounts,
                                const auth::FileFacts& files,
                                const std::vector<auth::Account>& listed, std::ostream& out,
                                std::ostream& err);

/// Decides the events of audit logs anew. kExitOk: nothing changed; kExitDifferent: something did;
/// kExitNoInput: a log cannot be read; or the configuration cannot be used.
[[nodiscard]] int runPolicyReplay(const Options& options, auth::Accounts& accounts,
                                  const auth::FileFacts& files, std::ostream& out,
                                  std::ostream& err);

/// Who may use the database --database, by which rule and under which conditions. kExitOk,
/// kExitDenied: nobody, kExitUsage: there is no such listener; or the configuration cannot be used.
[[nodiscard]] int runWhoCan(const Options& options, auth::Accounts& accounts,
                            const auth::FileFacts& files, const std::vector<auth::Account>& listed,
                            std::ostream& out, std::ostream& err);

}  // namespace peerpool::server
