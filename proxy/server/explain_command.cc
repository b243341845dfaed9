// `peerpool explain`.

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/audit_facts.h"
#include "config/wording.h"
#include "proxy/observe/escape.h"
#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/explain_peer.h"
#include "proxy/server/explain_reference.h"
#include "proxy/server/known_listener.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/policy_replay.h"

namespace peerpool::server {
namespace {

using observe::printable;

void printPart(std::ostream& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out << ", " << name << ' ' << printable(value);
  }
}

void printPeer(const auth::Identity& peer, std::ostream& out) {
  out << "peer: ";
  if (!peer.known) {
    out << "the kernel cannot name it here (shown as uid " << peer.uid << ")\n";
    return;
  }
  out << "user " << (peer.user.empty() ? "without a name" : printable(peer.user)) << ", uid "
      << peer.uid;
  if (peer.gid != auth::kNoGid) {
    out << ", gid " << peer.gid;
  }
  for (std::size_t i = 0; i < peer.groups.size(); ++i) {
    out << (i == 0 ? ", groups " : " ") << peer.groups[i];
  }
  if (peer.pid != 0) {
    out << ", pid " << peer.pid;
  }
  // A peer that is made up is where nobody said, which says nothing.
  const AuditProcess process = peer.pid == 0 ? AuditProcess{} : auth::auditProcess(peer);
  printPart(out, "unit", process.unit);
  printPart(out, "unit of the user's manager", process.user_unit);
  printPart(out, "slice", process.slice);
  printPart(out, "container", process.container);
  printPart(out, "executable", process.executable);
  out << '\n';
}

std::string_view outcomeText(const auth::RuleTrace& trace) {
  switch (trace.outcome) {
    case auth::RuleTrace::Outcome::Match:
      return "matches";
    case auth::RuleTrace::Outcome::NoMatch:
      return "does not match";
    case auth::RuleTrace::Outcome::Unknown:
      return "cannot be known";
  }
  return "";
}

void printTrace(const auth::RuleTrace& trace, std::ostream& out) {
  out << "  " << (trace.effect == config::Effect::Allow ? "allow" : "deny ") << ' '
      << config::quoted(trace.rule) << " (" << config::describe(trace.where)
      << "): " << outcomeText(trace);
  if (!trace.failed.empty()) {
    out << ": " << printable(trace.failed);
  }
  out << (trace.dry_run ? " [dry run: never decides]" : "") << (trace.decides ? " <- decides" : "")
      << '\n';
}

void printDecision(std::string_view stage, const auth::Decision& decision, std::ostream& out) {
  out << "decision " << stage << ": ";
  switch (decision.verdict) {
    case auth::Verdict::Deny:
      out << "denied";
      break;
    case auth::Verdict::Maybe:
      out << "maybe";
      break;
    case auth::Verdict::Allow:
      out << "allowed";
      break;
  }
  if (decision.where.line != 0) {
    out << " by rule " << config::quoted(decision.rule) << " (" << config::describe(decision.where)
        << ')';
  }
  out << '\n';
  if (!decision.reason.empty()) {
    out << "  " << printable(decision.reason) << '\n';
  }
  if (decision.verdict == auth::Verdict::Allow) {
    out << "  login role " << config::quoted(decision.login_role) << ", database "
        << config::quoted(decision.database) << '\n';
  }
  if (!decision.would_deny.empty()) {
    out << "  only because of mode: audit; would be denied: " << printable(decision.would_deny)
        << '\n';
  }
  for (const std::string& rule : decision.dry_run) {
    out << "  a dry_run rule would have decided " << printable(rule) << '\n';
  }
}

/// Of `login` the decision at login is shown, else only the front door's.
int explain(const auth::Policy& policy, const auth::Identity& peer, const auth::Request& request,
            bool login, std::ostream& out) {
  printPeer(peer, out);
  out << "rules of listener " << config::quoted(request.listener) << ":\n";
  for (const auth::RuleTrace& trace : policy.explain(peer, request)) {
    printTrace(trace, out);
  }
  const auth::Decision accept = policy.accept(peer, request.listener, request.at);
  if (accept.verdict == auth::Verdict::Deny || !login) {
    printDecision("at accept", accept, out);
    return accept.verdict == auth::Verdict::Deny ? kExitDenied : kExitOk;
  }
  const auth::Decision decision = policy.login(peer, request);
  printDecision("at login", decision, out);
  return decision.verdict == auth::Verdict::Allow ? kExitOk : kExitDenied;
}

/// `fallback` unless --at was given.
config::Moment momentOf(const Options& options, const config::Moment& fallback) {
  return std::holds_alternative<std::monostate>(options.at) ? fallback : options.at;
}

/// What the reference stands for, then the same peer and request by the policy of now.
int explainReference(const auth::Policy& policy, const Options& options, auth::Accounts& accounts,
                     std::ostream& out, std::ostream& err) {
  std::vector<std::string> logs = options.files;
  if (logs.empty() && !policy.config().audit.file.empty()) {
    logs.push_back(policy.config().audit.file);
  }
  if (logs.empty()) {
    err << "peerpool explain: the configuration names no audit file\n"
        << "  hint: peerpool explain --reference REF AUDIT.jsonl...\n";
    return kExitNoInput;
  }
  const Result<std::optional<FoundEvent>> found = findEvent(logs, options.reference);
  if (!found || !*found) {
    err << "peerpool explain: "
        << (found ? "no event of these logs has the reference " + config::quoted(options.reference)
                  : printable(found.error().text))
        << "\n  hint: name the older ones too: peerpool explain --reference REF AUDIT.jsonl...\n";
    return kExitNoInput;
  }
  printEvent(**found, out);
  const AuditRecord& record = (*found)->record;
  const config::Moment at = momentOf(options, record.time);
  out << "\nnow, with the groups that the account has now, "
      << (at == record.time ? "for the time of the event:\n" : "for the time that --at gives:\n");
  return explain(policy, recordedPeer(record, accounts),
                 {record.listener, record.database, record.role, at}, isLogin(record), out);
}

}  // namespace

int runExplain(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
               std::ostream& out, std::ostream& err) {
  const LoadedPolicy loaded = loadPolicy(options.config, accounts, files);
  if (loaded.snapshot == nullptr) {
    return refuseLoaded(loaded, err);
  }
  const auth::Policy& policy = loaded.snapshot->policy;
  if (!options.reference.empty()) {
    return explainReference(policy, options, accounts, out, err);
  }
  if (!isKnownListener(policy.config(), options.listener, "explain", err)) {
    return kExitUsage;
  }
  const Result<auth::Identity> peer = explainedPeer(options, accounts);
  if (!peer) {
    err << "peerpool explain: " << printable(peer.error().text) << '\n';
    return kExitUsage;
  }
  // Without database and role nobody asks for anything yet.
  const bool login = !options.database.empty() || !options.role.empty();
  const int code = explain(policy, *peer,
                           {options.listener, options.database, options.role,
                            momentOf(options, std::chrono::system_clock::now())},
                           login, out);
  if (!login && code == kExitOk) {
    out << "  give --database and --role to see what becomes of it\n";
  }
  return code;
}

}  // namespace peerpool::server
