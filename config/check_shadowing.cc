#include "config/check_shadowing.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "config/names.h"
#include "config/selectors.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

using Patterns = std::vector<std::string>;

/// Is each name that `narrow` fits also one of `wide`? Empty means all names.
bool coversNames(const Patterns& wide, const Patterns& narrow) {
  const auto covered = [&](std::string_view pattern) {
    return std::any_of(wide.begin(), wide.end(),
                       [&](const std::string& glob) { return covers(glob, pattern); });
  };
  if (wide.empty() || narrow.empty()) {
    return wide.empty() || covered("*");
  }
  return std::all_of(narrow.begin(), narrow.end(), covered);
}

/// A name of `narrow` that the globs of an allow never yield still reaches the later rule.
bool mayBeNeverRole(const Config& config, const PolicyRule& allow, const Patterns& narrow) {
  Patterns never = config.never_roles;
  never.insert(never.end(), allow.never_roles.begin(), allow.never_roles.end());
  return std::any_of(narrow.begin(), narrow.end(), [&](const std::string& role) {
    return std::find(allow.roles.begin(), allow.roles.end(), role) == allow.roles.end() &&
           std::any_of(never.begin(), never.end(),
                       [&](const std::string& pattern) { return covers(pattern, role); });
  });
}

bool coversRoles(const Config& config, const PolicyRule& wide, const PolicyRule& narrow) {
  if (wide.effect == Effect::Deny) {
    return wide.roles.empty() ||
           (!narrow.roles.empty() && narrow.as.empty() && coversNames(wide.roles, narrow.roles));
  }
  if (narrow.effect == Effect::Deny) {
    return narrow.roles.empty() || (wide.as.empty() && coversNames(wide.roles, narrow.roles) &&
                                    !mayBeNeverRole(config, wide, narrow.roles));
  }
  if (wide.as != narrow.as) {
    return false;
  }
  // An allow without as: has roles:, and with as: none means the same for both.
  return narrow.roles.empty() || (!wide.roles.empty() && coversNames(wide.roles, narrow.roles) &&
                                  !mayBeNeverRole(config, wide, narrow.roles));
}

/// Does ${identity} in `earlier` stand for what it does in `later`? A peer of two identities has
/// that which a rule names first.
bool sameIdentity(const PolicyRule& earlier, const PolicyRule& later) {
  const auto uses = [](const std::string& text) {
    return text.find("${identity}") != std::string::npos;
  };
  return earlier.who.identities == later.who.identities ||
         (!uses(earlier.as) &&
          std::none_of(earlier.databases.begin(), earlier.databases.end(), uses) &&
          std::none_of(earlier.roles.begin(), earlier.roles.end(), uses));
}

/// On one listener that both have. Every rule asks every later one: the cheap question first.
bool shadows(const Config& config, const PolicyRule& earlier, const PolicyRule& later) {
  return !earlier.dry_run && earlier.when.empty() && sameIdentity(earlier, later) &&
         coversNames(earlier.databases, later.databases) &&
         coversPeers(config, earlier.who, later.who) && coversRoles(config, earlier, later);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string describeRule(const PolicyRule& rule) {
  return (rule.effect == Effect::Allow ? "the allow " : "the deny ") + quoted(rule.name) + " at " +
         describe(rule.where);
}

/// The rules before `later` that take all its requests on a listener of theirs.
std::vector<const PolicyRule*> shadowsOf(const Config& config,
                                         const std::vector<const PolicyRule*>& earlier,
                                         const PolicyRule& later) {
  std::vector<const PolicyRule*> result;
  std::copy_if(earlier.begin(), earlier.end(), std::back_inserter(result),
               [&](const PolicyRule* rule) { return shadows(config, *rule, later); });
  return result;
}

void checkRule(const Validation& validation, const std::vector<const PolicyRule*>& earlier,
               const PolicyRule& later) {
  const std::vector<const PolicyRule*> all = shadowsOf(validation.config(), earlier, later);
  const PolicyRule* last = nullptr;
  bool everywhere = !later.listeners.empty();
  for (const std::string& listener : later.listeners) {
    const auto shadow = std::find_if(all.begin(), all.end(), [&](const PolicyRule* rule) {
      return has(rule->listeners, listener);
    });
    if (shadow == all.end()) {
      everywhere = false;
      continue;
    }
    last = *shadow;
    if (later.effect == Effect::Deny && last->effect == Effect::Allow) {
      validation.error(later.where, "",
                       "this deny comes too late on " + listener + ": " + describeRule(*last) +
                           " lets the same peers in",
                       "put the deny before it");
      return;
    }
  }
  if (everywhere) {
    validation.error(later.where, "",
                     "this rule is never reached: " + describeRule(*last) + " always decides first",
                     "put it before that rule, or take it out");
  }
}

}  // namespace

void checkShadowing(const Validation& validation) {
  for (const PolicyRule& rule : validation.config().never) {
    if (validation.isSound(rule.where) && rule.who.anyone) {
      validation.error(rule.where, "who", "this shuts everybody out, past every rule",
                       "name the peers that must never come in");
    }
  }
  std::vector<const PolicyRule*> earlier;
  for (const PolicyRule& rule : validation.config().rules) {
    if (validation.isSound(rule.where)) {
      checkRule(validation, earlier, rule);
      earlier.push_back(&rule);
    }
  }
}

}  // namespace peerpool::config
