// A configuration's rules with their names resolved and in the order of evaluation; for policy.cc.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/audit_mode.h"
#include "auth/name_resolver.h"
#include "auth/peer_matcher.h"
#include "auth/process_facts.h"
#include "auth/rule.h"
#include "auth/rule_index.h"
#include "auth/time_zones.h"
#include "config/model.h"

namespace peerpool::auth {

/// Immutable after construction. Its parts point into each other and into the configuration.
struct CompiledPolicy {
  IdentityMatchers identities;
  std::vector<config::PolicyRule> containers;  // Sources of `doors`.
  std::vector<Rule> doors;                     // What listeners demand, before all rules.
  std::vector<Rule> never;
  std::vector<Rule> rules;
  RuleIndex index;
  std::map<std::string, std::optional<PeerMatcher>, std::less<>> backends;  // Their expect_peer.

  std::optional<AuditMode> audit;
  struct Attested {
    const Rule* rule;
    Looks looks;  // Only what peerpool-attest finds out.
  };
  std::vector<Attested> attested;                           // Those that ask for a program.
  std::map<std::string, Looks, std::less<>> looks;          // By listener.
  std::map<std::string, Looks, std::less<>> backend_looks;  // By backend.

  /// What cannot be resolved is added to the diagnostics of `names`. `config` must outlive it.
  CompiledPolicy(const config::Config& config, NameResolver& names, TimeZones& zones);
  CompiledPolicy(const CompiledPolicy&) = delete;
  CompiledPolicy& operator=(const CompiledPolicy&) = delete;

 private:
  void addLooks(const config::Config& config);
  void addAttested(const config::Config& config);
  void compile(const std::vector<config::PolicyRule>& sources, const std::string& key,
               const config::Config& config, NameResolver& names, TimeZones& zones,
               std::vector<Rule>& out) const;
};

}  // namespace peerpool::auth
