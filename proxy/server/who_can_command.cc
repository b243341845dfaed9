// `peerpool who-can`.

#include <ostream>

#include "config/wording.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/known_listener.h"
#include "proxy/server/policy_commands.h"
#include "proxy/server/policy_difference.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/who_can.h"

namespace peerpool::server {

int runWhoCan(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
              const std::vector<auth::Account>& listed, std::ostream& out, std::ostream& err) {
  const LoadedPolicy loaded = loadPolicy(options.config, accounts, files);
  if (loaded.snapshot == nullptr) {
    return refuseLoaded(loaded, err);
  }
  const config::Config& config = *loaded.snapshot->config;
  if (!options.listener.empty() && !isKnownListener(config, options.listener, "who-can", err)) {
    return kExitUsage;
  }
  const WhoCan found =
      whoCan(loaded.snapshot->policy, {options.database, options.role, options.listener}, accounts,
             listed, kMostQuestions);
  for (const WayIn& way : found.ways) {
    out << way.way << ":\n  " << way.whom << '\n';
    for (const std::string& condition : way.conditions) {
      out << "    " << condition << '\n';
    }
  }
  if (found.ways.empty()) {
    out << "nobody of those who were asked about may use database "
        << config::quoted(options.database)
        << (options.role.empty() ? "" : " as role " + config::quoted(options.role)) << '\n';
  }
  if (config.mode == config::Mode::Audit && config.audit_until) {
    out << "mode: audit lets in others as themselves until "
        << config::printInstant(*config.audit_until) << '\n';
  }
  if (found.cut) {
    out << "not all was asked: there are more peers, names and times than are looked at\n";
  }
  return found.ways.empty() ? kExitDenied : kExitOk;
}

}  // namespace peerpool::server
