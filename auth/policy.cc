// Order of evaluation and what becomes of a rule that decides. Whether one holds: rule.cc.

#include "auth/policy.h"

#include <algorithm>
#include <utility>

#include "auth/compiled_policy.h"
#include "auth/quoted.h"
#include "config/diagnostics.h"

namespace peerpool::auth {
namespace {

using config::Effect;

constexpr char kDefaultRule[] = "default";

/// PostgreSQL would cut a longer name to another one; a NUL would end it early.
std::string whyRefused(const char* kind, std::string_view name) {
  if (name.size() > kMaxNameLength) {
    return std::string(kind) + ' ' + quoted(name) + " has more than 63 bytes";
  }
  return name.find('\0') == std::string_view::npos
             ? std::string()
             : std::string(kind) + ' ' + quoted(name) + " contains a zero byte";
}

std::string whyRefused(const Request& request) {
  const std::string role = whyRefused("role", request.role);
  return role.empty() ? whyRefused("database", request.database) : role;
}

std::string dryRunText(const config::PolicyRule& rule) {
  return (rule.effect == Effect::Allow ? "allow: " : "deny: ") + rule.name;
}

Decision denied(const config::PolicyRule& rule, std::string reason) {
  Decision decision;
  decision.rule = rule.name;
  decision.where = rule.where;
  decision.reason = std::move(reason);
  decision.client_reason = rule.reason;
  return decision;
}

std::string denyReason(const Rule& rule, const Identity& peer, const std::string& unknown) {
  std::string reason = "rule " + quoted(rule.source().name) + " denies " + describePeer(peer);
  return unknown.empty() ? reason : reason + ", because what it asks cannot be known: " + unknown;
}

std::string askedFor(const Request& request) {
  return (request.database.empty() ? "no database" : "database " + quoted(request.database)) +
         (request.role.empty() ? " and no role" : " and role " + quoted(request.role));
}

}  // namespace

Policy::Policy(std::shared_ptr<const config::Config> config, Accounts& accounts, TimeZones zones,
               const FileFacts& files)
    : config_(std::move(config)) {
  config::Diagnostics problems;
  NameResolver names(accounts, files, problems);
  compiled_ = std::make_unique<const CompiledPolicy>(*config_, names, zones);
  if (problems.hasErrors()) {
    throw config::InvalidConfig(problems.sorted());
  }
}

Policy::~Policy() = default;

const Looks& Policy::looks(std::string_view listener) const noexcept {
  static const Looks kNone;
  const auto found = compiled_->looks.find(listener);
  return found == compiled_->looks.end() ? kNone : found->second;
}

Looks Policy::missing(const Identity& peer, std::string_view listener) const {
  Looks looks;
  for (const auto& [rule, asked] : compiled_->attested) {
    if (rule->appliesTo(listener) && rule->matchesPeer(peer) == Truth::Unknown) {
      looks |= asked;
    }
  }
  return looks;
}

const Looks& Policy::backendLooks(std::string_view backend) const noexcept {
  static const Looks kNone;
  const auto found = compiled_->backend_looks.find(backend);
  return found == compiled_->backend_looks.end() ? kNone : found->second;
}

Decision Policy::accept(const Identity& identity, std::string_view listener,
                        const config::Moment& at) const {
  bool final = false;
  Decision decision = enforceAccept(identity, listener, final);
  const std::optional<AuditMode>& audit = compiled_->audit;
  if (decision.verdict == Verdict::Deny && !final && audit && audit->runsAt(at) &&
      audit->mayLetIn(identity, listener)) {
    decision.verdict = Verdict::Maybe;  // Who is told at login; the reason stays.
  }
  return decision;
}

/// Of the first allow that only the peer's program keeps from matching; begins with "; ". Empty:
/// there is none. Upgrades give programs new files, so operators look for this.
std::string Policy::programReason(const Identity& identity, std::string_view listener) const {
  if (compiled_->attested.empty() || identity.process == nullptr) {
    return {};
  }
  auto facts = std::make_shared<ProcessFacts>(*identity.process);
  facts->executable = {};
  Identity blind = identity;
  blind.process = std::move(facts);
  for (const auto& [rule, asked] : compiled_->attested) {
    if (rule->source().effect == Effect::Allow && rule->appliesTo(listener) &&
        rule->matchesPeer(blind) == Truth::Unknown) {
      return "; rule " + quoted(rule->source().name) + ": " + rule->whyNotPeer(identity);
    }
  }
  return {};
}

/// `final`: never: or the listener has denied it.
Decision Policy::enforceAccept(const Identity& identity, std::string_view listener,
                               bool& final) const {
  std::vector<std::string> dry_run;
  for (const RuleIndex::Entry& entry : compiled_->index.of(listener)) {
    const Rule& rule = *entry.rule;
    if (!entry.concerns(identity) || !rule.decidesWith(rule.matchesPeer(identity))) {
      continue;
    }
    if (rule.source().effect == Effect::Allow) {
      if (rule.source().dry_run) {
        continue;
      }
      Decision maybe;
      maybe.verdict = Verdict::Maybe;
      maybe.rule = kDefaultRule;
      maybe.reason = "rule " + quoted(rule.source().name) + " may let " + describePeer(identity) +
                     " in; database and role decide";
      return maybe;
    }
    if (!rule.unconditional()) {
      continue;
    }
    if (rule.source().dry_run) {
      dry_run.push_back(dryRunText(rule.source()));
      continue;
    }
    Decision decision =
        denied(rule.source(), denyReason(rule, identity, rule.whyNotPeer(identity)));
    final = entry.guards;
    decision.dry_run = std::move(dry_run);
    return decision;
  }
  Decision decision;
  decision.rule = kDefaultRule;
  decision.reason = "no rule of listener " + quoted(listener) + " could let " +
                    describePeer(identity) + " in" + programReason(identity, listener);
  decision.dry_run = std::move(dry_run);
  return decision;
}

Decision Policy::login(const Identity& identity, const Request& request) const {
  bool final = false;
  Decision decision = enforce(identity, request, final);
  const std::optional<AuditMode>& audit = compiled_->audit;
  if (decision.verdict == Verdict::Deny && !final && audit && audit->runsAt(request.at)) {
    return audit->tolerate(std::move(decision), identity, request);
  }
  return decision;
}

/// `final`: never: has denied it, or it names what cannot be a role or a database.
Decision Policy::enforce(const Identity& identity, const Request& request, bool& final) const {
  std::vector<std::string> dry_run;
  const std::string refused = whyRefused(request);
  final = !refused.empty();
  for (const RuleIndex::Entry& entry : compiled_->index.of(request.listener)) {
    if (!entry.guards && !refused.empty()) {
      break;
    }
    if (!entry.concerns(identity)) {
      continue;
    }
    const Rule& rule = *entry.rule;
    Rule::Outcome outcome = rule.evaluate(identity, request);
    if (!rule.decidesWith(outcome.truth)) {
      continue;
    }
    if (rule.source().dry_run) {
      dry_run.push_back(dryRunText(rule.source()));
      continue;
    }
    Decision decision;
    if (rule.source().effect == Effect::Deny) {
      std::string why;
      static_cast<void>(rule.evaluate(identity, request, &why));
      decision = denied(rule.source(), denyReason(rule, identity, why));
      final = final || entry.guards;
    } else {
      decision.verdict = Verdict::Allow;
      decision.rule = rule.source().name;
      decision.where = rule.source().where;
      decision.reason = describePeer(identity) + " may use database " + quoted(outcome.database) +
                        " as role " + quoted(outcome.login_role);
      decision.login_role = std::move(outcome.login_role);
      decision.database = std::move(outcome.database);
      decision.identity = std::move(outcome.identity);
      decision.granted = &rule.source();
    }
    decision.dry_run = std::move(dry_run);
    return decision;
  }
  Decision decision;
  decision.rule = kDefaultRule;
  decision.reason = !refused.empty()
                        ? refused
                        : "no rule of listener " + quoted(request.listener) + " lets " +
                              describePeer(identity) + " in with " + askedFor(request);
  decision.dry_run = std::move(dry_run);
  return decision;
}

std::vector<RuleTrace> Policy::explain(const Identity& identity, const Request& request) const {
  std::vector<RuleTrace> traces;
  const std::string refused = whyRefused(request);
  for (const auto* rules : {&compiled_->never, &compiled_->doors, &compiled_->rules}) {
    for (const Rule& rule : *rules) {
      RuleTrace trace;
      trace.rule = rule.source().name;
      trace.where = rule.source().where;
      trace.effect = rule.source().effect;
      trace.dry_run = rule.source().dry_run;
      if (rules == &compiled_->rules && !refused.empty()) {
        trace.failed = refused;
      } else {
        const Truth truth = rule.evaluate(identity, request, &trace.failed).truth;
        trace.outcome = truth == Truth::Yes       ? RuleTrace::Outcome::Match
                        : truth == Truth::Unknown ? RuleTrace::Outcome::Unknown
                                                  : RuleTrace::Outcome::NoMatch;
        trace.decides = !trace.dry_run && rule.decidesWith(truth);
      }
      if (rules == &compiled_->doors && !trace.decides) {
        continue;  // Nobody wrote it.
      }
      traces.push_back(std::move(trace));
      if (traces.back().decides) {
        return traces;
      }
    }
  }
  return traces;
}

std::optional<std::chrono::seconds> Policy::staysFor(config::Instant instant) const {
  std::optional<std::chrono::seconds> least;
  const auto consider = [&](std::optional<std::chrono::seconds> length) {
    least = !length ? least : least ? std::min(*least, *length) : length;
  };
  for (const Rule& rule : compiled_->rules) {
    consider(rule.schedule().staysFor(instant));
  }
  if (audits(instant)) {
    const auto rest = std::chrono::ceil<std::chrono::seconds>(*config_->audit_until - instant);
    consider(std::min<std::chrono::seconds>(rest, std::chrono::hours(24)));
  }
  return least;
}

std::vector<bool> Policy::timeState(config::Instant instant) const {
  std::vector<bool> state{audits(instant)};
  for (const Rule& rule : compiled_->rules) {
    if (!rule.schedule().always()) {
      state.push_back(rule.schedule().holdsAt(instant) == Truth::Yes);
    }
  }
  return state;
}

bool Policy::audits(config::Instant instant) const noexcept {
  return compiled_->audit && compiled_->audit->runsAt(instant);
}

std::optional<std::string> Policy::unexpectedPeer(std::string_view backend,
                                                  const Identity& peer) const {
  const auto found = compiled_->backends.find(backend);
  if (found == compiled_->backends.end()) {
    return "there is no backend " + quoted(backend);
  }
  const std::optional<PeerMatcher>& expected = found->second;
  if (!expected || expected->matches(peer) == Truth::Yes) {
    return std::nullopt;
  }
  return expected->whyNot(peer);
}

}  // namespace peerpool::auth
