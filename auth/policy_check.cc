// Calls each of the checks.

#include "auth/policy_check.h"

#include "auth/dead_names.h"
#include "auth/late_denies.h"
#include "auth/name_resolver.h"
#include "auth/policy_tests.h"
#include "auth/shut_out.h"
#include "auth/socket_parents.h"
#include "auth/unit_files.h"

namespace peerpool::auth {

void checkPolicy(const Policy& policy, Accounts& accounts, const FileFacts& files,
                 const Identity& service, config::Diagnostics& out) {
  const config::Config& config = policy.config();
  config::Diagnostics ignored;  // The policy was made, so all names resolve.
  NameResolver names(accounts, files, ignored);
  for (const config::Listener& listener : config.listeners) {
    checkParents(listener, files, service, out);
    checkOwnership(config, listener, files, service, names, out);
  }
  checkShutOut(config, accounts, files, service, out);
  checkDeadNames(config, accounts, files, out);
  checkLateDenies(config, accounts, files, out);
  checkUnitFiles(config, files, out);
  runPolicyTests(policy, accounts, out);
}

}  // namespace peerpool::auth
