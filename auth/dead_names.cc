#include "auth/dead_names.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "auth/name_pattern.h"
#include "auth/name_resolver.h"
#include "auth/named_peers.h"
#include "auth/peer_selector.h"
#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

class Checker {
 public:
  Checker(const config::Config& config, Accounts& accounts, const FileFacts& files)
      : config_(config),
        accounts_(accounts),
        names_(accounts, files, ignored_),
        identities_(compileIdentities(config, names_)) {
    for (const config::PolicyRule& rule : config.never) {
      if (!rule.dry_run) {
        never_.emplace_back(rule.who, identities_, names_, "never");
      }
    }
  }

  void checkRule(const config::PolicyRule& rule, const std::string& path,
                 config::Diagnostics& out) {
    const config::Location where = rule.who.where.line != 0 ? rule.who.where : rule.where;
    for (const NamedPeer& named : namedPeers(config_, rule, accounts_, names_)) {
      if (named.group) {
        continue;
      }
      const std::string start =
          "rule " + quoted(rule.name) + " can never let in " + named.name + ": ";
      if (const std::string denier = deniedBy(named.peer); !denier.empty()) {
        out.error(where, path, start + denier + " of never: denies it",
                  "take it out of one of them");
      } else if (const std::string why = whyNoRole(rule, named.peer); !why.empty()) {
        out.error(where, path, start + why, "as: takes a prefix, as in \"ro_${user}\"");
      }
    }
  }

 private:
  /// Only by what is certain without its process.
  [[nodiscard]] std::string deniedBy(const Identity& peer) const {
    const auto found = std::find_if(
        never_.begin(), never_.end(),
        [&](const PeerSelector& selector) { return selector.matches(peer).truth == Truth::Yes; });
    if (found == never_.end()) {
      return {};
    }
    std::size_t index = static_cast<std::size_t>(found - never_.begin());
    for (const config::PolicyRule& rule : config_.never) {
      if (!rule.dry_run && index-- == 0) {
        return quoted(rule.name);
      }
    }
    return {};
  }

  /// Of an `as:` that depends on nothing but the account's name.
  [[nodiscard]] std::string whyNoRole(const config::PolicyRule& rule, const Identity& peer) const {
    if (rule.as.find("${user}") == std::string::npos ||
        rule.as.find("${identity}") != std::string::npos ||
        rule.as.find("${unit_instance}") != std::string::npos) {
      return {};
    }
    const Variables variables{peer.user, {}};
    const NamePattern as(rule.as);
    const std::optional<std::string> role = as.expand(variables);
    if (!role) {
      return as.whyNotExpanded(variables);
    }
    for (const std::vector<std::string>* list : {&config_.never_roles, &rule.never_roles}) {
      for (const std::string& never : *list) {
        if (NamePattern(never).matches(*role, {}) == Truth::Yes) {
          return "it would be the role " + quoted(*role) + ", and never_roles has " + quoted(never);
        }
      }
    }
    return {};
  }

  const config::Config& config_;
  Accounts& accounts_;
  config::Diagnostics ignored_;  // The policy was made, so all names resolve.
  NameResolver names_;
  IdentityMatchers identities_;
  std::vector<PeerSelector> never_;
};

}  // namespace

void checkDeadNames(const config::Config& config, Accounts& accounts, const FileFacts& files,
                    config::Diagnostics& out) {
  Checker checker(config, accounts, files);
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    if (config.rules[i].effect == config::Effect::Allow) {
      checker.checkRule(config.rules[i], "rules[" + std::to_string(i) + ']', out);
    }
  }
}

}  // namespace peerpool::auth
