#include "auth/audit_mode.h"

#include <utility>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

config::PolicyRule makeRule(const config::Config& config) {
  config::PolicyRule rule;
  rule.name = config::kAuditModeRule;
  rule.effect = config::Effect::Allow;
  rule.who.anyone = true;
  for (const config::Listener& listener : config.listeners) {
    rule.listeners.push_back(listener.name);
  }
  rule.databases = {"*"};
  rule.as = "${user}";
  rule.where = config.mode_where;
  return rule;
}

}  // namespace

AuditMode::AuditMode(const config::Config& config, const IdentityMatchers& identities,
                     NameResolver& names, TimeZones& zones)
    : source_(makeRule(config)),
      until_(config.audit_until.value_or(config::Instant::min())),
      rule_(source_, config.never_roles, identities, names, zones, "mode") {}

bool AuditMode::runsAt(const config::Moment& moment) const noexcept {
  const auto* const instant = std::get_if<config::Instant>(&moment);
  return instant != nullptr && *instant < until_;
}

bool AuditMode::mayLetIn(const Identity& identity, std::string_view listener) const {
  return identity.known && rule_.appliesTo(listener);
}

Decision AuditMode::tolerate(Decision denied, const Identity& identity,
                             const Request& request) const {
  Rule::Outcome outcome =
      mayLetIn(identity, request.listener) ? rule_.evaluate(identity, request) : Rule::Outcome{};
  if (outcome.truth != Truth::Yes) {
    return denied;
  }
  Decision decision;
  decision.verdict = Verdict::Allow;
  decision.rule = source_.name;
  decision.where = source_.where;
  decision.would_deny = std::move(denied.reason);
  decision.reason = "mode: audit lets in what would be denied: " + decision.would_deny;
  decision.login_role = std::move(outcome.login_role);
  decision.database = std::move(outcome.database);
  decision.granted = &source_;
  decision.dry_run = std::move(denied.dry_run);
  return decision;
}

}  // namespace peerpool::auth
