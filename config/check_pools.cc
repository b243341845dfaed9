#include "config/check_pools.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "config/names.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

/// Backend, database and login role as written, and what isolate: adds; with a glob or a template
/// it stands for several pools.
using Target = std::tuple<const Backend*, std::string, std::string, std::string>;

struct User {
  const PolicyRule* rule = nullptr;
  Pool settings;
};

/// What keeps the pools of `rule` apart from those of others; uids may come by several rules.
std::vector<std::string> isolationsOf(Isolate isolate, const PolicyRule& rule) {
  switch (isolate) {
    case Isolate::None:
      return {""};
    case Isolate::Uid:
      return {"uid"};
    case Isolate::Identity:
      if (!rule.who.identities.empty()) {
        std::vector<std::string> names;
        for (const std::string& name : rule.who.identities) {
          names.push_back("identity " + name);
        }
        return names;
      }
      return {"rule " + rule.name};
    case Isolate::Rule:
      return {"rule " + rule.name};
  }
  return {""};
}

std::vector<Target> targetsOf(const Validation& validation, const PolicyRule& rule) {
  const std::vector<std::string> isolations =
      isolationsOf(rule.pool.value_or(validation.config().pools).isolate, rule);
  const std::vector<std::string> databases =
      rule.database_as.empty() ? rule.databases : std::vector<std::string>{rule.database_as};
  const std::vector<std::string> roles =
      rule.as.empty() ? rule.roles : std::vector<std::string>{rule.as};
  std::vector<Target> targets;
  for (const Backend* const backend : validation.backendsOf(rule)) {
    for (const std::string& database : databases) {
      for (const std::string& role : roles) {
        for (const std::string& isolation : isolations) {
          targets.emplace_back(backend, database, role, isolation);
        }
      }
    }
  }
  return targets;
}

void reportConflict(const Validation& validation, const Target& target, const PolicyRule& rule,
                    const PolicyRule& earlier) {
  const auto& [backend, database, role, isolation] = target;
  validation.error(rule.where, "pool",
                   "the rule " + quoted(earlier.name) + " reaches the same pool (backend " +
                       backend->name + ", database " + database + ", role " + role +
                       (isolation.empty() ? "" : ", isolated by " + isolation) +
                       ") with other settings",
                   "give both rules the same pool:, or one of them isolate: rule");
}

/// Errors for single pools; fills `users` with one rule for each target.
void checkSettings(const Validation& validation, std::map<Target, User>& users) {
  const Config& config = validation.config();
  for (const PolicyRule& rule : config.rules) {
    if (rule.effect == Effect::Deny || rule.dry_run || !validation.isSound(rule.where)) {
      continue;
    }
    bool reported = false;
    for (const Target& target : targetsOf(validation, rule)) {
      const Pool settings = rule.pool.value_or(config.pools);
      const auto [user, is_new] = users.try_emplace(target, User{&rule, settings});
      const bool single = isExact(std::get<1>(target)) && isExact(std::get<2>(target));
      if (!is_new && single && !reported && !(user->second.settings == settings)) {
        reportConflict(validation, target, rule, *user->second.rule);
        reported = true;
      }
    }
  }
}

}  // namespace

void checkPools(const Validation& validation) {
  std::map<Target, User> users;
  checkSettings(validation, users);
  for (const Backend& backend : validation.config().backends) {
    std::size_t sum = 0;
    for (const auto& [target, user] : users) {
      sum += std::get<0>(target) == &backend ? user.settings.size : 0;
    }
    if (sum > backend.max_connections) {
      validation.warning(backend.where, "max_connections",
                         "the pools that rules name add up to " + std::to_string(sum) +
                             " servers, and max_connections is " +
                             std::to_string(backend.max_connections),
                         "clients of one pool may wait for another's idle servers");
    }
  }
}

}  // namespace peerpool::config
