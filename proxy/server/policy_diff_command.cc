// `peerpool policy diff`.

#include <ostream>

#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "proxy/server/policy_difference.h"
#include "proxy/server/policy_loader.h"

namespace peerpool::server {

int runPolicyDiff(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
                  const std::vector<auth::Account>& listed, std::ostream& out, std::ostream& err) {
  const LoadedPolicy before = loadPolicy(options.files.at(0), accounts, files);
  const LoadedPolicy after = loadPolicy(options.files.at(1), accounts, files);
  for (const LoadedPolicy* loaded : {&before, &after}) {
    if (loaded->snapshot == nullptr) {
      return refuseLoaded(*loaded, err);
    }
  }
  const PolicyDifference found =
      comparePolicies(before.snapshot->policy, after.snapshot->policy, accounts, listed);
  for (const std::string& line : found.lines) {
    out << line << '\n';
  }
  out << (found.lines.empty() ? "no difference found" : "differences: ");
  if (!found.lines.empty()) {
    out << found.lines.size();
  }
  out << ", with " << found.questions << " questions about " << found.peers << " peers\n";
  if (found.cut) {
    out << "not all was asked: there are more peers, names and times than are looked at\n";
  }
  return found.lines.empty() && !found.cut ? kExitOk : kExitDifferent;
}

}  // namespace peerpool::server
