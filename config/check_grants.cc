#include "config/check_grants.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/names.h"
#include "config/wording.h"
#include "config/yaml_reader.h"

namespace peerpool::config {
namespace {

/// False when none of its listeners leads to a backend that speaks PostgreSQL's protocol, as far as
/// that is known.
bool reachesPostgres(const Validation& validation, const PolicyRule& rule) {
  const Config& config = validation.config();
  return std::any_of(rule.listeners.begin(), rule.listeners.end(), [&](const std::string& name) {
    const Listener* const listener = findListener(config, name);
    if (listener == nullptr) {
      return false;
    }
    const Backend* const backend =
        findBackend(config, rule.backend.empty() ? listener->backend : rule.backend);
    return backend == nullptr || validation.isSound(backend->where, "protocol");
  });
}

/// Leaving one of them out must never mean "all".
void checkComplete(const Validation& validation, const PolicyRule& rule) {
  if (rule.databases.empty() && validation.isSound(rule.where, "databases")) {
    validation.error(rule.where, "", "an allow needs databases",
                     "as in databases: [shop]; [\"*\"] means all of them");
  }
  if (rule.roles.empty() && rule.as.empty() && validation.isSound(rule.where, "roles") &&
      validation.isSound(rule.where, "as")) {
    validation.error(rule.where, "", "an allow needs roles or as",
                     "as: \"${user}\" means everybody as themselves");
  }
}

void requireSecret(const Validation& validation, const PolicyRule& rule, const Backend& backend,
                   const std::string& role, const std::string& key) {
  if (isExact(role) && backend.secret_files.count(role) == 0) {
    validation.error(
        rule.where, key,
        "the backend " + quoted(backend.name) + " has no secret for the role " + quoted(role),
        "add it to the secrets of the backend");
  }
}

void checkSecrets(const Validation& validation, const PolicyRule& rule, const Backend& backend) {
  if (backend.login != LoginMethod::Scram) {
    return;
  }
  if (!rule.as.empty()) {
    requireSecret(validation, rule, backend, rule.as, "as");
    return;
  }
  for (std::size_t i = 0; i < rule.roles.size(); ++i) {
    requireSecret(validation, rule, backend, rule.roles[i], childPath("roles", i));
  }
}

/// An exact name may be in never_roles; what a glob yields may not.
void checkNeverRoles(const Validation& validation, const PolicyRule& rule) {
  std::vector<std::string> never = validation.config().never_roles;
  never.insert(never.end(), rule.never_roles.begin(), rule.never_roles.end());
  for (std::size_t i = 0; i < rule.roles.size(); ++i) {
    const std::string& role = rule.roles[i];
    const auto shut = std::find_if(never.begin(), never.end(), [&](const std::string& pattern) {
      return !isExact(role) && covers(pattern, role);
    });
    if (shut != never.end()) {
      validation.error(rule.where, childPath("roles", i),
                       "never_roles has " + quoted(*shut) + ", so " + quoted(role) + " never fits",
                       "name the roles exactly, or change never_roles");
    }
  }
}

}  // namespace

void checkGrants(const Validation& validation) {
  for (const PolicyRule& rule : validation.config().rules) {
    if (rule.effect == Effect::Deny) {
      continue;
    }
    if (reachesPostgres(validation, rule)) {
      checkComplete(validation, rule);
    }
    for (const Backend* const backend : validation.backendsOf(rule)) {
      if (!backend->secret_files.empty()) {
        checkSecrets(validation, rule, *backend);
      }
    }
    checkNeverRoles(validation, rule);
  }
}

}  // namespace peerpool::config
