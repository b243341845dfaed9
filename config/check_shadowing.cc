#include "config/check_shadowing.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/names.h"
#include "config/selectors.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

using Patterns = std::vector<std::string>;

/// Is each name that `narrow` fits also one of `wide`? Empty means all names.
bool coversNames(const Patterns& wide, const Patterns& narrow) {
  const Patterns all = {"*"};
  const Patterns& outer = wide.empty() ? all : wide;
  const Patterns& inner = narrow.empty() ? all : narrow;
  return std::all_of(inner.begin(), inner.end(), [&](const std::string& pattern) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const std::string& glob) { return covers(glob, pattern); });
  });
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

/// On one listener that both have.
bool shadows(const Config& config, const PolicyRule& earlier, const PolicyRule& later) {
  return !earlier.dry_run && coversPeers(config, earlier.who, later.who) &&
         coversNames(earlier.databases, later.databases) && coversRoles(config, earlier, later);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string describeRule(const PolicyRule& rule) {
  return (rule.effect == Effect::Allow ? "the allow " : "the deny ") + quoted(rule.name) + " at " +
         describe(rule.where);
}

/// The first of the rules before `later` that takes all its requests on `listener`; null: none.
const PolicyRule* shadowOn(const Config& config, const PolicyRule& later,
                           const std::string& listener, const std::vector<bool>& shadowing) {
  for (std::size_t i = 0; &config.rules[i] != &later; ++i) {
    if (shadowing[i] && has(config.rules[i].listeners, listener)) {
      return &config.rules[i];
    }
  }
  return nullptr;
}

void checkRule(const Validation& validation, const PolicyRule& later) {
  const Config& config = validation.config();
  std::vector<bool> shadowing;
  for (std::size_t i = 0; &config.rules[i] != &later; ++i) {
    const PolicyRule& earlier = config.rules[i];
    shadowing.push_back(validation.isSound(earlier.where) && shadows(config, earlier, later));
  }
  const PolicyRule* last = nullptr;
  bool everywhere = !later.listeners.empty();
  for (const std::string& listener : later.listeners) {
    const PolicyRule* const shadow = shadowOn(config, later, listener, shadowing);
    if (shadow == nullptr) {
      everywhere = false;
      continue;
    }
    last = shadow;
    if (later.effect == Effect::Deny && shadow->effect == Effect::Allow) {
      validation.error(later.where, "",
                       "this deny comes too late on " + listener + ": " + describeRule(*shadow) +
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
  for (const PolicyRule& rule : validation.config().rules) {
    if (validation.isSound(rule.where)) {
      checkRule(validation, rule);
    }
  }
}

}  // namespace peerpool::config
