// `peerpool policy replay`.

#include <ostream>
#include <system_error>

#include "proxy/observe/escape.h"
#include "proxy/server/audit_reader.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/policy_replay.h"

namespace peerpool::server {
namespace {

void printReplay(const PolicyReplay& replay, std::ostream& out) {
  for (const auto& [text, group] : replay.changed()) {
    out << text << "; " << group.count << (group.count == 1 ? " time" : " times");
    if (!group.reference.empty()) {
      out << ", as ref " << observe::printable(group.reference);
    }
    out << '\n';
  }
  const PolicyReplay::Counts& counts = replay.counts();
  out << "decided anew: " << counts.decided << ", changed: " << counts.changed
      << ", the same by another rule: " << counts.other_rule << '\n';
  if (counts.unlisted > 0) {
    out << "not listed: " << counts.unlisted << " more that changed in other ways\n";
  }
  if (counts.refused > 0) {
    out << "not decided: " << counts.refused << " that were refused for other reasons\n";
  }
  out << "groups are those that the accounts have now: the audit log does not tell\n";
}

}  // namespace

int runPolicyReplay(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
                    std::ostream& out, std::ostream& err) {
  const LoadedPolicy loaded = loadPolicy(options.config, accounts, files);
  if (loaded.snapshot == nullptr) {
    return refuseLoaded(loaded, err);
  }
  PolicyReplay replay(loaded.snapshot->policy, accounts);
  for (const std::string& file : options.files) {
    const int error = readLines(
        file, kLongestAuditRecord,
        [&](std::string_view line, std::uint64_t number) { replay.read(line, file, number); });
    if (error != 0) {
      err << "peerpool policy replay: " << file << ": " << std::generic_category().message(error)
          << '\n';
      return kExitNoInput;
    }
  }
  for (const std::string& text : replay.broken()) {
    err << text << '\n';
  }
  if (replay.counts().broken > 0) {
    err << "broken lines: " << replay.counts().broken << '\n';
  }
  printReplay(replay, out);
  return replay.counts().changed == 0 ? kExitOk : kExitDifferent;
}

}  // namespace peerpool::server
