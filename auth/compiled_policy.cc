// Resolves the names of a configuration and finds what its rules must know of a peer.

#include "auth/compiled_policy.h"

#include <algorithm>
#include <set>

namespace peerpool::auth {
namespace {

using config::Effect;

void resolve(const std::optional<config::AccountName>& account, bool group, NameResolver& names,
             const std::string& path) {
  if (account && group) {
    static_cast<void>(names.gid(*account, path));
  } else if (account) {
    static_cast<void>(names.uid(*account, path));
  }
}

/// The names that no rule needs, but whoever makes the socket files or runs the tests does.
void resolveOtherNames(const config::Config& config, NameResolver& names) {
  for (const config::Directory& directory : config.directories) {
    const std::string path = "directories." + directory.path;
    resolve(directory.owner, false, names, path + ".owner");
    resolve(directory.group, true, names, path + ".group");
  }
  for (const config::Listener& listener : config.listeners) {
    const std::string path = "listeners." + listener.name;
    resolve(listener.owner, false, names, path + ".owner");
    resolve(listener.group, true, names, path + ".group");
    for (const config::AclEntry& entry : listener.acl) {
      resolve(entry.account, entry.is_group, names, path + ".acl");
    }
  }
  for (std::size_t i = 0; i < config.tests.size(); ++i) {
    const std::string path = "tests[" + std::to_string(i) + ']';
    resolve(config.tests[i].user, false, names, path + ".user");
    for (const config::AccountName& group : config.tests[i].groups) {
      resolve(group, true, names, path + ".groups");
    }
  }
}

/// A listener's containers: as a rule. Who has no identity here at all is `unmapped:`'s affair.
config::PolicyRule containersRule(const config::Listener& listener) {
  const bool only = listener.containers == config::Containers::Only;
  config::PolicyRule rule;
  rule.name = only ? "containers: only" : "containers: deny";
  rule.effect = Effect::Deny;
  rule.listeners = {listener.name};
  rule.where = listener.where;
  config::Matcher who;
  who.unmapped = false;
  who.process.containers = {only ? config::ContainerKind::None : config::ContainerKind::Any};
  rule.who.matcher = std::move(who);
  return rule;
}

bool usesInstance(const config::PolicyRule& rule) {
  const auto uses = [](const std::string& text) {
    return text.find("${unit_instance}") != std::string::npos;
  };
  return uses(rule.as) || uses(rule.application_name) ||
         std::any_of(rule.roles.begin(), rule.roles.end(), uses) ||
         std::any_of(rule.databases.begin(), rule.databases.end(), uses);
}

Looks looksOf(const config::Config& config, const config::Selector& who) {
  Looks looks = who.matcher ? auth::looksOf(*who.matcher) : Looks{};
  for (const std::string& name : who.identities) {
    if (const config::Identity* const identity = config::findIdentity(config, name)) {
      looks |= auth::looksOf(identity->matcher);
    }
  }
  return looks;
}

}  // namespace

CompiledPolicy::CompiledPolicy(const config::Config& config, NameResolver& names, TimeZones& zones)
    : identities(compileIdentities(config, names)) {
  for (const config::Listener& listener : config.listeners) {
    if (listener.containers != config::Containers::Allow) {
      containers.push_back(containersRule(listener));
    }
  }
  compile(containers, "listeners", config, names, zones, doors);
  compile(config.never, "never", config, names, zones, never);
  compile(config.rules, "rules", config, names, zones, rules);
  if (config.mode == config::Mode::Audit) {
    audit.emplace(config, identities, names, zones);
  }
  for (const config::Backend& backend : config.backends) {
    std::optional<PeerMatcher>& expected = backends[backend.name];
    if (backend.expect_peer) {
      expected.emplace(*backend.expect_peer, names, "backends." + backend.name + ".expect_peer");
      backend_looks[backend.name] = auth::looksOf(*backend.expect_peer);
    }
  }
  addLooks(config);
  addAttested(config);
  std::set<std::string> listeners;
  for (const config::Listener& listener : config.listeners) {
    listeners.insert(listener.name);
  }
  for (const config::PolicyRule& rule : config.rules) {
    listeners.insert(rule.listeners.begin(), rule.listeners.end());
  }
  index.add(never, listeners, true);
  index.add(doors, listeners, true);
  index.add(rules, listeners, false);
  resolveOtherNames(config, names);
}

void CompiledPolicy::addLooks(const config::Config& config) {
  for (const config::Listener& listener : config.listeners) {
    Looks& found = looks[listener.name];
    for (const std::vector<Rule>* list : {&never, &doors, &rules}) {
      for (const Rule& rule : *list) {
        if (rule.appliesTo(listener.name)) {
          found |= looksOf(config, rule.source().who);
          found.cgroup = found.cgroup || usesInstance(rule.source());
          found.lifetime = found.lifetime || rule.source().bind_to_process;
        }
      }
    }
    found.racy = config.allow_racy_attestation;
  }
  for (auto& [name, found] : backend_looks) {
    found.racy = config.allow_racy_attestation;
  }
}

void CompiledPolicy::addAttested(const config::Config& config) {
  for (const std::vector<Rule>* list : {&never, &rules}) {
    for (const Rule& rule : *list) {
      const Looks all = looksOf(config, rule.source().who);
      if (all.executable) {
        Looks asked;
        asked.executable = true;
        asked.sha256 = all.sha256;
        attested.push_back({&rule, asked});
      }
    }
  }
}

void CompiledPolicy::compile(const std::vector<config::PolicyRule>& sources, const std::string& key,
                             const config::Config& config, NameResolver& names, TimeZones& zones,
                             std::vector<Rule>& out) const {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    out.emplace_back(sources[i], config.never_roles, identities, names, zones,
                     key + '[' + std::to_string(i) + ']');
  }
}

}  // namespace peerpool::auth
