// From arguments to the command that they name.

#include <ostream>

#include "proxy/server/account_list.h"
#include "proxy/server/audit_command.h"
#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "proxy/server/reload_command.h"
#include "proxy/server/status_command.h"
#include "proxy/server/version.h"

namespace peerpool::server {

int runCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                   std::ostream& err) {
  const Result<Options> options = parseOptions(arguments);
  if (!options) {
    err << "peerpool: " << options.error().text << '\n';
    return kExitUsage;
  }
  if (options->help) {
    out << helpText(options->command);
    return kExitOk;
  }
  auth::SystemAccounts accounts;
  switch (options->command) {
    case Command::Help:
      out << helpText(Command::Help);
      return kExitOk;
    case Command::Version:
      out << "peerpool " << kVersion << '\n';
      return kExitOk;
    case Command::Serve:
      return runServe(*options, err);
    case Command::Check:
      return runCheck(*options, accounts, auth::SystemFileFacts(), out, err);
    case Command::Explain:
      return runExplain(*options, accounts, auth::SystemFileFacts(), out, err);
    case Command::Status:
      return runStatus(*options, out, err);
    case Command::Reload:
      return runReload(*options, out, err);
    case Command::Audit:
      return runAuditVerify(*options, out, err);
    case Command::PolicyDiff:
      return runPolicyDiff(*options, accounts, auth::SystemFileFacts(), listedAccounts(), out, err);
    case Command::PolicyReplay:
      return runPolicyReplay(*options, accounts, auth::SystemFileFacts(), out, err);
    case Command::WhoCan:
      return runWhoCan(*options, accounts, auth::SystemFileFacts(), listedAccounts(), out, err);
  }
  return kExitUsage;
}

}  // namespace peerpool::server
