// A made-up account database and short ways to write policies, for the tests of this folder.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/accounts.h"
#include "auth/policy.h"
#include "auth/process_facts.h"
#include "config/model.h"

namespace peerpool::auth::test {

/// Accounts root(0), alice(1001), bob(1002), carol(1003), postgres(70), Odd(1004), nobody(65534),
/// each with a primary group of its number; groups dba(1200), clients(1300), reporting(1400).
class FakeAccounts final : public Accounts {
 public:
  std::map<std::string, uid_t> users{{"root", 0},      {"alice", 1001}, {"bob", 1002},
                                     {"carol", 1003},  {"Odd", 1004},   {"postgres", 70},
                                     {"nobody", 65534}};
  std::map<std::string, gid_t> groups{{"dba", 1200}, {"clients", 1300}, {"reporting", 1400}};
  std::map<std::string, std::vector<gid_t>> members{{"alice", {1200}}, {"bob", {1300}}};
  bool broken = false;  ///< Every lookup fails.
  int lookups = 0;

  Result<std::optional<Account>> userByName(const std::string& name) override {
    ++lookups;
    if (broken) {
      return Error{ErrorCode::System, "no answer"};
    }
    const auto found = users.find(name);
    return found == users.end() ? std::optional<Account>()
                                : Account{name, found->second, found->second};
  }
  Result<std::optional<Account>> userByUid(uid_t uid) override {
    ++lookups;
    if (broken) {
      return Error{ErrorCode::System, "no answer"};
    }
    for (const auto& [name, number] : users) {
      if (number == uid) {
        return std::optional<Account>(Account{name, uid, uid});
      }
    }
    return std::optional<Account>();
  }
  Result<std::optional<gid_t>> groupByName(const std::string& name) override {
    ++lookups;
    if (broken) {
      return Error{ErrorCode::System, "no answer"};
    }
    const auto found = groups.find(name);
    return found == groups.end() ? std::optional<gid_t>() : std::optional<gid_t>(found->second);
  }
  Result<std::vector<gid_t>> groupsOf(const Account& account) override {
    if (broken) {
      return Error{ErrorCode::System, "no answer"};
    }
    std::vector<gid_t> all{account.gid};
    if (const auto found = members.find(account.name); found != members.end()) {
      all.insert(all.end(), found->second.begin(), found->second.end());
    }
    return all;
  }
};

inline Identity peer(uid_t uid, std::string user = "", std::vector<gid_t> groups = {}) {
  Identity identity;
  identity.known = true;
  identity.pid = 4711;
  identity.uid = uid;
  identity.gid = uid;
  identity.groups = std::move(groups);
  identity.user = std::move(user);
  identity.process = imaginedProcess();
  return identity;
}
inline Identity alice() { return peer(1001, "alice", {1200}); }
inline Identity bob() { return peer(1002, "bob", {1300}); }
inline Identity unmappedPeer() { return Identity{}; }

inline config::AccountName name(std::string text) { return {std::move(text), std::nullopt, {}}; }

inline config::Matcher user(const std::string& text) {
  config::Matcher matcher;
  matcher.users.push_back(name(text));
  return matcher;
}
inline config::Matcher group(const std::string& text) {
  config::Matcher matcher;
  matcher.groups.push_back(name(text));
  return matcher;
}
inline config::Matcher unmapped(bool value) {
  config::Matcher matcher;
  matcher.unmapped = value;
  return matcher;
}
inline config::Matcher anyOf(std::vector<config::Matcher> alternatives) {
  config::Matcher matcher;
  matcher.any = std::move(alternatives);
  return matcher;
}
inline config::Matcher notOf(config::Matcher excluded) {
  config::Matcher matcher;
  matcher.not_all_of.push_back(std::move(excluded));
  return matcher;
}

inline config::Selector who(config::Matcher matcher) {
  config::Selector selector;
  selector.matcher = std::move(matcher);
  return selector;
}
inline config::Selector anyone() {
  config::Selector selector;
  selector.anyone = true;
  return selector;
}

/// On listener pg, for all databases and roles that no guard keeps back.
inline config::PolicyRule allow(std::string rule_name, config::Selector selector) {
  config::PolicyRule rule;
  rule.name = std::move(rule_name);
  rule.effect = config::Effect::Allow;
  rule.who = std::move(selector);
  rule.listeners = {"pg"};
  rule.databases = {"*"};
  rule.roles = {"*"};
  rule.where = {"policy.yaml", 10, 5};
  return rule;
}
/// Unconditional, on listener pg.
inline config::PolicyRule deny(std::string rule_name, config::Selector selector) {
  config::PolicyRule rule = allow(std::move(rule_name), std::move(selector));
  rule.effect = config::Effect::Deny;
  rule.databases.clear();
  rule.roles.clear();
  return rule;
}
/// An entry of never:.
inline config::PolicyRule never(std::string rule_name, config::Selector selector) {
  config::PolicyRule rule = deny(std::move(rule_name), std::move(selector));
  rule.listeners.clear();
  return rule;
}

inline config::Config configOf(std::vector<config::PolicyRule> rules,
                               std::vector<config::PolicyRule> never_rules = {}) {
  config::Config config;
  config.rules = std::move(rules);
  config.never = std::move(never_rules);
  config::Listener listener;
  listener.name = "pg";
  listener.path = "/run/peerpool/pg.sock";
  listener.where = {"policy.yaml", 3, 3};
  config.listeners.push_back(listener);
  return config;
}

inline std::unique_ptr<Policy> policyOf(config::Config config) {
  FakeAccounts accounts;
  return std::make_unique<Policy>(std::make_shared<const config::Config>(std::move(config)),
                                  accounts);
}
inline std::unique_ptr<Policy> policyOf(std::vector<config::PolicyRule> rules,
                                        std::vector<config::PolicyRule> never_rules = {}) {
  return policyOf(configOf(std::move(rules), std::move(never_rules)));
}

}  // namespace peerpool::auth::test
