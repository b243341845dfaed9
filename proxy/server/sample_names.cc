#include "proxy/server/sample_names.h"

#include <algorithm>

#include "auth/name_pattern.h"
#include "auth/process_facts.h"
#include "config/wording.h"
#include "proxy/server/sample_processes.h"

namespace peerpool::server {
namespace {

constexpr char kOtherDatabase[] = "some_other_database";
constexpr char kOtherRole[] = "some_other_role";

/// A database or a role.
struct Kind {
  const char* one;
  const char* many;
};
constexpr Kind kDatabase = {"database ", "databases like "};
constexpr Kind kRole = {"role ", "roles like "};

void addOnce(std::vector<SampleName>& names, SampleName name) {
  const bool known = std::any_of(names.begin(), names.end(),
                                 [&](const SampleName& one) { return one.value == name.value; });
  if (!known) {
    names.push_back(std::move(name));
  }
}

/// `pattern` with its variables filled in; no value when they cannot be.
std::optional<std::string> filledIn(const std::string& pattern, const auth::Identity& peer,
                                    std::string_view identity) {
  return auth::NamePattern(pattern).expand({peer.user, identity, auth::unitInstance(peer)});
}

void addNames(const std::set<std::string>& patterns, const Kind& kind, const auth::Identity& peer,
              const std::set<std::string>& identities, std::vector<SampleName>& out) {
  for (const std::string& pattern : patterns) {
    if (pattern == "*") {
      continue;  // Whatever is asked for matches.
    }
    const bool needs_identity = pattern.find("${identity}") != std::string::npos;
    const bool glob = pattern.find('*') != std::string::npos;
    for (const std::string& identity : needs_identity ? identities : std::set<std::string>{""}) {
      const auto value = filledIn(exampleOf(pattern), peer, identity);
      if (value) {
        addOnce(out,
                {*value, (glob ? kind.many : kind.one) + config::quoted(glob ? pattern : *value)});
      }
    }
  }
}

}  // namespace

std::optional<std::string> valueOf(std::string_view variable, std::string_view pattern,
                                   std::string_view name) {
  const std::size_t at = pattern.find(variable);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view start = pattern.substr(0, at);
  const std::string_view end = pattern.substr(at + variable.size());
  const bool plain = start.find_first_of("*$") == std::string_view::npos &&
                     end.find_first_of("*$") == std::string_view::npos;
  if (!plain || name.size() <= start.size() + end.size() || name.substr(0, start.size()) != start ||
      name.substr(name.size() - end.size()) != end) {
    return std::nullopt;
  }
  return std::string(name.substr(start.size(), name.size() - start.size() - end.size()));
}

SampleNames::SampleNames(const std::vector<const config::Config*>& configs) {
  for (const config::Config* config : configs) {
    everywhere_.roles.insert(config->never_roles.begin(), config->never_roles.end());
    for (const config::Identity& identity : config->identities) {
      identities_.insert(identity.name);
    }
    for (const config::PolicyRule& rule : config->rules) {
      for (const std::string& listener : rule.listeners) {
        Patterns& patterns = by_listener_[listener];
        patterns.databases.insert(rule.databases.begin(), rule.databases.end());
        patterns.roles.insert(rule.roles.begin(), rule.roles.end());
        patterns.roles.insert(rule.never_roles.begin(), rule.never_roles.end());
        if (!rule.as.empty()) {
          patterns.roles.insert(rule.as);
        }
        if (!rule.default_database.empty()) {
          patterns.databases.insert(rule.default_database);
        }
      }
    }
  }
}

AskedNames SampleNames::of(const std::string& listener, const auth::Identity& peer) const {
  AskedNames names;
  names.roles.push_back({"", "no role"});
  for (const Patterns* patterns :
       {&everywhere_, by_listener_.count(listener) == 0 ? nullptr : &by_listener_.at(listener)}) {
    if (patterns != nullptr) {
      addNames(patterns->databases, kDatabase, peer, identities_, names.databases);
      addNames(patterns->roles, kRole, peer, identities_, names.roles);
    }
  }
  addOnce(names.databases, {kOtherDatabase, "any other database"});
  addOnce(names.roles, {kOtherRole, "any other role"});
  return names;
}

}  // namespace peerpool::server
