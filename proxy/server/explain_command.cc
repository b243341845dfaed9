// `peerpool explain`.

#include <ostream>
#include <string_view>

#include "config/wording.h"
#include "proxy/observe/escape.h"
#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/explain_peer.h"
#include "proxy/server/policy_loader.h"

namespace peerpool::server {
namespace {

using observe::printable;

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
  for (const std::string& rule : decision.dry_run) {
    out << "  a dry_run rule would have decided " << printable(rule) << '\n';
  }
}

/// Without database and role nobody asks for anything yet: then only the front door is explained.
int explain(const auth::Policy& policy, const auth::Identity& peer, const Options& options,
            std::ostream& out) {
  const auth::Request request{options.listener, options.database, options.role};
  printPeer(peer, out);
  out << "rules of listener " << config::quoted(options.listener) << ":\n";
  for (const auth::RuleTrace& trace : policy.explain(peer, request)) {
    printTrace(trace, out);
  }
  const auth::Decision accept = policy.accept(peer, options.listener);
  const bool login_asked = !options.database.empty() || !options.role.empty();
  if (accept.verdict == auth::Verdict::Deny || !login_asked) {
    printDecision("at accept", accept, out);
    if (accept.verdict != auth::Verdict::Deny) {
      out << "  give --database and --role to see what becomes of it\n";
    }
    return accept.verdict == auth::Verdict::Deny ? kExitDenied : kExitOk;
  }
  const auth::Decision login = policy.login(peer, request);
  printDecision("at login", login, out);
  return login.verdict == auth::Verdict::Allow ? kExitOk : kExitDenied;
}

}  // namespace

int runExplain(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
               std::ostream& out, std::ostream& err) {
  const LoadedPolicy loaded = loadPolicy(options.config, accounts, files);
  if (loaded.snapshot == nullptr) {
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      err << config::describe(diagnostic) << '\n';
    }
    return loaded.file_missing ? kExitNoInput : kExitConfiguration;
  }
  const config::Config& config = *loaded.snapshot->config;
  if (config::findListener(config, options.listener) == nullptr) {
    std::vector<std::string_view> names;
    for (const config::Listener& listener : config.listeners) {
      names.emplace_back(listener.name);
    }
    err << "peerpool explain: there is no listener " << config::quoted(options.listener)
        << "\n  hint: " << config::suggest(options.listener, names, "listeners") << '\n';
    return kExitUsage;
  }
  const Result<auth::Identity> peer = explainedPeer(options, accounts);
  if (!peer) {
    err << "peerpool explain: " << printable(peer.error().text) << '\n';
    return kExitUsage;
  }
  return explain(loaded.snapshot->policy, *peer, options, out);
}

}  // namespace peerpool::server
