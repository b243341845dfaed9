#include "config/check_references.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/wording.h"
#include "config/yaml_reader.h"

namespace peerpool::config {
namespace {

/// Reports the second use of a name among things of one kind.
class UniqueNames {
 public:
  UniqueNames(const Validation& validation, std::string kind)
      : validation_(validation), kind_(std::move(kind)) {}

  void add(const std::string& name, const Location& where, const std::string& key) {
    if (name.empty()) {
      return;  // Reported when it was read.
    }
    const auto [first, is_new] = first_.try_emplace(name, where);
    if (!is_new) {
      validation_.error(where, key, "a second " + kind_ + " is called " + quoted(name),
                        "the first is at " + describe(first->second));
    }
  }

 private:
  const Validation& validation_;
  std::string kind_;
  std::map<std::string, Location> first_;
};

template <typename T>
std::vector<std::string_view> namesOf(const std::vector<T>& things) {
  std::vector<std::string_view> names;
  names.reserve(things.size());
  for (const T& thing : things) {
    names.emplace_back(thing.name);
  }
  return names;
}

/// Reports a name that nothing under `block` has; `key` is where `owner` uses it.
template <typename T>
void requireName(const Validation& validation, const std::vector<T>& things, std::string_view kind,
                 std::string_view block, const std::string& name, const Location& owner,
                 const std::string& key) {
  const std::vector<std::string_view> names = namesOf(things);
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
    return;
  }
  const std::string hint = suggest(name, names, "there are");
  validation.error(owner, key, "no " + std::string(kind) + " is called " + quoted(name),
                   hint.empty() ? "add it under " + std::string(block) + ':' : hint);
}

/// Other files of its kind say so for every peer.
bool meansAnyone(std::string_view word) {
  constexpr std::array<std::string_view, 7> kWords = {"Anyone", "any",      "anybody",  "all",
                                                      "*",      "everyone", "everybody"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

void checkSelector(const Validation& validation, const PolicyRule& rule, const std::string& key) {
  const std::vector<Identity>& all = validation.config().identities;
  for (std::size_t i = 0; i < rule.who.identities.size(); ++i) {
    const std::string& name = rule.who.identities[i];
    if (meansAnyone(name) && findIdentity(validation.config(), name) == nullptr) {
      validation.error(rule.where, childPath(key, i), "no identity is called " + quoted(name),
                       "every peer that can open the socket is written anyone");
      continue;
    }
    requireName(validation, all, "identity", "identities", name, rule.where, childPath(key, i));
  }
}

/// An allow with it lets nobody in; a deny of what cannot be filled in denies everything.
void checkIdentityVariable(const Validation& validation, const PolicyRule& rule) {
  if (!rule.who.identities.empty()) {
    return;
  }
  const auto check = [&](const std::string& text, const std::string& key) {
    if (text.find("${identity}") != std::string::npos) {
      validation.error(rule.where, key,
                       quoted(text) + " can never be filled in: the rule names no identity",
                       "put the peers under identities: and name them in the rule");
    }
  };
  for (std::size_t i = 0; i < rule.databases.size(); ++i) {
    check(rule.databases[i], childPath("databases", i));
  }
  for (std::size_t i = 0; i < rule.roles.size(); ++i) {
    check(rule.roles[i], childPath("roles", i));
  }
  check(rule.as, "as");
}

void checkRule(const Validation& validation, const PolicyRule& rule) {
  const Config& config = validation.config();
  const char* const who = rule.effect == Effect::Allow ? "allow" : "deny";
  checkSelector(validation, rule, who);
  if (validation.isSound(rule.where, who)) {
    checkIdentityVariable(validation, rule);
  }
  for (std::size_t i = 0; i < rule.listeners.size(); ++i) {
    requireName(validation, config.listeners, "listener", "listeners", rule.listeners[i],
                rule.where, childPath("listener", i));
  }
  requireName(validation, config.backends, "backend", "backends", rule.backend, rule.where,
              "backend");
}

void checkTest(const Validation& validation, const PolicyTest& test) {
  const Config& config = validation.config();
  requireName(validation, config.listeners, "listener", "listeners", test.listener, test.where,
              "listener");
  if (test.expect.empty() || test.expect == "deny") {
    return;
  }
  const auto rule = std::find_if(config.rules.begin(), config.rules.end(),
                                 [&](const PolicyRule& r) { return r.name == test.expect; });
  if (rule == config.rules.end()) {
    std::vector<std::string_view> valid = namesOf(config.rules);
    valid.emplace_back("deny");
    validation.error(test.where, "expect", "no rule is called " + quoted(test.expect),
                     suggest(test.expect, valid, "valid are"));
  } else if (rule->effect == Effect::Deny || rule->dry_run) {
    validation.error(test.where, "expect",
                     "the rule " + quoted(test.expect) + " never lets anybody in",
                     rule->dry_run ? "it is a dry_run" : "write expect: deny");
  }
}

}  // namespace

void checkDuplicates(const Validation& validation) {
  const Config& config = validation.config();
  UniqueNames identities(validation, "identity");
  for (const Identity& identity : config.identities) {
    identities.add(identity.name, identity.matcher.where, "");
  }
  UniqueNames backends(validation, "backend");
  for (const Backend& backend : config.backends) {
    backends.add(backend.name, backend.where, "");
  }
  UniqueNames listeners(validation, "listener");
  for (const Listener& listener : config.listeners) {
    listeners.add(listener.name, listener.where, "");
  }
  UniqueNames directories(validation, "directory");
  for (const Directory& directory : config.directories) {
    directories.add(directory.path, directory.where, "");
  }
  UniqueNames rules(validation, "rule");
  for (const PolicyRule& rule : config.never) {
    rules.add(rule.name, rule.where, "name");
  }
  for (const PolicyRule& rule : config.rules) {
    rules.add(rule.name, rule.where, "name");
  }
}

void checkReferences(const Validation& validation) {
  const Config& config = validation.config();
  for (const Listener& listener : config.listeners) {
    requireName(validation, config.backends, "backend", "backends", listener.backend,
                listener.where, "backend");
  }
  for (const PolicyRule& rule : config.never) {
    checkSelector(validation, rule, "who");
  }
  for (const PolicyRule& rule : config.rules) {
    checkRule(validation, rule);
  }
  for (const PolicyTest& test : config.tests) {
    checkTest(validation, test);
  }
}

void checkUnused(const Validation& validation) {
  if (validation.hasErrors()) {
    return;
  }
  const Config& config = validation.config();
  std::set<std::string_view> used_identities;
  std::set<std::string_view> used_backends;
  std::set<std::string_view> open_listeners;
  for (const std::vector<PolicyRule>* const rules : {&config.never, &config.rules}) {
    for (const PolicyRule& rule : *rules) {
      used_identities.insert(rule.who.identities.begin(), rule.who.identities.end());
      used_backends.insert(rule.backend);
      if (rule.effect == Effect::Allow) {
        open_listeners.insert(rule.listeners.begin(), rule.listeners.end());
      }
    }
  }
  for (const Identity& identity : config.identities) {
    if (used_identities.count(identity.name) == 0) {
      validation.warning(identity.matcher.where, "", "no rule uses this identity");
    }
  }
  for (const Listener& listener : config.listeners) {
    used_backends.insert(listener.backend);
    if (open_listeners.count(listener.name) == 0) {
      validation.warning(listener.where, "", "no rule lets anybody in here");
    }
  }
  for (const Backend& backend : config.backends) {
    if (used_backends.count(backend.name) == 0) {
      validation.warning(backend.where, "", "no listener and no rule uses this backend");
    }
  }
}

}  // namespace peerpool::config
