#include "auth/late_denies.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "auth/name_resolver.h"
#include "auth/named_peers.h"
#include "auth/peer_selector.h"
#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

using config::Effect;
using config::PolicyRule;

using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool hasAll(const Names& names, const Names& wanted) {
  return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(),
                                        [&](const std::string& name) { return has(names, name); });
}

/// Of a peer whom both mean: does `allow` take each request that `deny` is for? False when in
/// doubt: patterns are compared as texts, and a "*" of roles has exceptions.
bool takesAll(const PolicyRule& allow, const PolicyRule& deny) {
  return allow.when.empty() &&
         (has(allow.databases, "*") || hasAll(allow.databases, deny.databases)) &&
         (deny.roles.empty() || (allow.as.empty() && hasAll(allow.roles, deny.roles)));
}

class Checker {
 public:
  Checker(const config::Config& config, Accounts& accounts, const FileFacts& files)
      : config_(config),
        accounts_(accounts),
        names_(accounts, files, ignored_),
        identities_(compileIdentities(config, names_)) {
    for (const PolicyRule& rule : config.rules) {
      selectors_.emplace_back(rule.who, identities_, names_, "rules");
    }
  }

  void checkDeny(std::size_t index, config::Diagnostics& out) {
    const PolicyRule& deny = config_.rules[index];
    for (const NamedPeer& named : namedPeers(config_, deny, accounts_, names_)) {
      // It may also ask for what only a process has: then it denies less than the account.
      if (named.group || selectors_[index].matches(named.peer).truth == Truth::No) {
        continue;
      }
      for (const std::string& listener : deny.listeners) {
        if (const PolicyRule* const allow = allowBefore(index, named.peer, listener)) {
          out.warning(deny.who.where.line != 0 ? deny.who.where : deny.where,
                      "rules[" + std::to_string(index) + ']',
                      "this deny comes too late for " + named.name + " on " + listener +
                          ": the allow " + quoted(allow->name) + " at " +
                          config::describe(allow->where) + " lets it in",
                      "put the deny before it");
        }
      }
    }
  }

 private:
  /// The first that lets `peer` in although the deny at `index` is meant for it, or null.
  [[nodiscard]] const PolicyRule* allowBefore(std::size_t index, const Identity& peer,
                                              const std::string& listener) const {
    const PolicyRule& deny = config_.rules[index];
    const bool is_last = deny.reason.empty() && !isAllowedBehind(index, peer, listener);
    for (std::size_t i = 0; i < index; ++i) {
      const PolicyRule& rule = config_.rules[i];
      if (isAllow(rule, listener) && selectors_[i].matches(peer).truth == Truth::Yes &&
          (is_last || takesAll(rule, deny))) {
        return &rule;
      }
    }
    return nullptr;
  }

  [[nodiscard]] bool isAllowedBehind(std::size_t index, const Identity& peer,
                                     const std::string& listener) const {
    for (std::size_t i = index + 1; i < config_.rules.size(); ++i) {
      if (isAllow(config_.rules[i], listener) && selectors_[i].matches(peer).truth != Truth::No) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] static bool isAllow(const PolicyRule& rule, const std::string& listener) {
    return rule.effect == Effect::Allow && !rule.dry_run && has(rule.listeners, listener);
  }

  const config::Config& config_;
  Accounts& accounts_;
  config::Diagnostics ignored_;  // The policy was made, so all names resolve.
  NameResolver names_;
  IdentityMatchers identities_;
  std::vector<PeerSelector> selectors_;  // Of each rule.
};

}  // namespace

void checkLateDenies(const config::Config& config, Accounts& accounts, const FileFacts& files,
                     config::Diagnostics& out) {
  Checker checker(config, accounts, files);
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    if (config.rules[i].effect == Effect::Deny && !config.rules[i].dry_run) {
      checker.checkDeny(i, out);
    }
  }
}

}  // namespace peerpool::auth
