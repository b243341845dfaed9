// Order of evaluation and what becomes of a rule that decides. Whether one holds: rule.cc.

#include "auth/policy.h"

#include <utility>

#include "auth/quoted.h"
#include "auth/rule.h"
#include "config/diagnostics.h"

namespace peerpool::auth {
namespace {

using config::Effect;

constexpr char kDefaultRule[] = "default";

void resolve(const std::optional<config::AccountName>& account, bool group, NameResolver& names,
             const std::string& path) {
  if (account && group) {
    static_cast<void>(names.gid(*account, path));
  } else if (account) {
    static_cast<void>(names.uid(*account, path));
  }
}

/// The names that no rule needs, but whoever makes the socket files or runs the tests does.
void resolveOtherNames(const config::Config& config, NameResolver& names) {
  for (const config::Directory& directory : config.directories) {
    const std::string path = "directories." + directory.path;
    resolve(directory.owner, false, names, path + ".owner");
    resolve(directory.group, true, names, path + ".group");
  }
  for (const config::Listener& listener : config.listeners) {
    const std::string path = "listeners." + listener.name;
    resolve(listener.owner, false, names, path + ".owner");
    resolve(listener.group, true, names, path + ".group");
    for (const config::AclEntry& entry : listener.acl) {
      resolve(entry.account, entry.is_group, names, path + ".acl");
    }
  }
  for (std::size_t i = 0; i < config.tests.size(); ++i) {
    const std::string path = "tests[" + std::to_string(i) + ']';
    resolve(config.tests[i].user, false, names, path + ".user");
    for (const config::AccountName& group : config.tests[i].groups) {
      resolve(group, true, names, path + ".groups");
    }
  }
}

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

struct Policy::Compiled {
  IdentityMatchers identities;
  std::vector<Rule> never;
  std::vector<Rule> rules;
  std::map<std::string, std::optional<PeerMatcher>, std::less<>> backends;  // Their expect_peer.

  Compiled(const config::Config& config, NameResolver& names)
      : identities(compileIdentities(config, names)) {
    compile(config.never, "never", config, names, never);
    compile(config.rules, "rules", config, names, rules);
    for (const config::Backend& backend : config.backends) {
      std::optional<PeerMatcher>& expected = backends[backend.name];
      if (backend.expect_peer) {
        expected.emplace(*backend.expect_peer, names, "backends." + backend.name + ".expect_peer");
      }
    }
  }

  void compile(const std::vector<config::PolicyRule>& sources, const std::string& key,
               const config::Config& config, NameResolver& names, std::vector<Rule>& out) const {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      out.emplace_back(sources[i], config.never_roles, identities, names,
                       key + '[' + std::to_string(i) + ']');
    }
  }
};

Policy::Policy(std::shared_ptr<const config::Config> config, Accounts& accounts)
    : config_(std::move(config)) {
  config::Diagnostics problems;
  NameResolver names(accounts, problems);
  compiled_ = std::make_unique<const Compiled>(*config_, names);
  resolveOtherNames(*config_, names);
  if (problems.hasErrors()) {
    throw config::InvalidConfig(problems.sorted());
  }
}

Policy::~Policy() = default;

Decision Policy::accept(const Identity& identity, std::string_view listener) const {
  std::vector<std::string> dry_run;
  for (const auto* rules : {&compiled_->never, &compiled_->rules}) {
    for (const Rule& rule : *rules) {
      if (!rule.appliesTo(listener) || !rule.decidesWith(rule.matchesPeer(identity))) {
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
      decision.dry_run = std::move(dry_run);
      return decision;
    }
  }
  Decision decision;
  decision.rule = kDefaultRule;
  decision.reason =
      "no rule of listener " + quoted(listener) + " could let " + describePeer(identity) + " in";
  decision.dry_run = std::move(dry_run);
  return decision;
}

Decision Policy::login(const Identity& identity, const Request& request) const {
  std::vector<std::string> dry_run;
  const std::string refused = whyRefused(request);
  for (const auto* rules : {&compiled_->never, &compiled_->rules}) {
    if (rules == &compiled_->rules && !refused.empty()) {
      break;
    }
    for (const Rule& rule : *rules) {
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
      } else {
        decision.verdict = Verdict::Allow;
        decision.rule = rule.source().name;
        decision.where = rule.source().where;
        decision.reason = describePeer(identity) + " may use database " + quoted(outcome.database) +
                          " as role " + quoted(outcome.login_role);
        decision.login_role = std::move(outcome.login_role);
        decision.database = std::move(outcome.database);
        decision.granted = &rule.source();
      }
      decision.dry_run = std::move(dry_run);
      return decision;
    }
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
  for (const auto* rules : {&compiled_->never, &compiled_->rules}) {
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
      traces.push_back(std::move(trace));
      if (traces.back().decides) {
        return traces;
      }
    }
  }
  return traces;
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
