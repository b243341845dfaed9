#include "config/read_rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/map_reader.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/read_limits.h"
#include "config/read_peers.h"
#include "config/read_process.h"
#include "config/read_windows.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kLongestReason = 200;

/// What a startup packet must never set: who the session is, or a second way to set all the rest.
constexpr std::array<std::string_view, 7> kNeverParameters = {
    "user", "database", "replication", "options", "role", "session_authorization", "is_superuser"};

std::optional<std::string> readReason(const Value& value) {
  std::optional<std::string> reason = value.text();
  if (reason && reason->size() > kLongestReason) {
    value.error("the reason has more than 200 bytes", "a client sees it as one line");
    return std::nullopt;
  }
  return reason;
}

std::optional<std::string> readParameter(const Value& value) {
  std::optional<std::string> name = value.text();
  if (!name) {
    return std::nullopt;
  }
  std::string lower = *name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (std::find(kNeverParameters.begin(), kNeverParameters.end(), lower) !=
          kNeverParameters.end() ||
      lower.compare(0, 5, "_pq_.") == 0) {
    value.error("clients may never set " + *name + " themselves", "take it out");
    return std::nullopt;
  }
  if (lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") != std::string::npos) {
    value.error(quoted(*name) + " is not the name of a parameter",
                "as in startup_parameters: [statement_timeout]");
    return std::nullopt;
  }
  return name;
}

std::optional<std::string> readListenerName(const Value& value) {
  std::optional<std::string> name = value.text();
  return name && value.refusedAsNotEnforced(*name) ? std::nullopt : name;
}

/// Exactly one of allow: and deny:.
void readEffect(MapReader& map, PolicyRule& rule) {
  const std::optional<Value> allow = map.find("allow");
  const std::optional<Value> deny = map.find("deny");
  rule.effect = deny && !allow ? Effect::Deny : Effect::Allow;
  if (allow && deny) {
    deny->error("a rule has allow: or deny:, not both",
                "make two rules of it; the first that matches decides");
  }
  if (!allow && !deny) {
    if (map.good()) {
      map.value().error("allow: or deny: is missing", "as in allow: { group: dbclients }");
    }
    return;
  }
  if (std::optional<Selector> who = readSelector(allow ? *allow : *deny)) {
    rule.who = *std::move(who);
  }
}

/// A key that has a meaning for one effect only: with the other it would be ignored.
template <typename T, typename Convert>
bool readFor(Effect effect, MapReader& map, const PolicyRule& rule, std::string_view key,
             T& setting, Convert convert) {
  return map.read(key, setting, [&](const Value& value) -> decltype(convert(value)) {
    if (rule.effect != effect) {
      value.error(effect == Effect::Allow ? "a deny grants nothing, so this has no meaning here"
                                          : "an allow gives no reason, so this has no meaning here",
                  "take it out");
      return std::nullopt;
    }
    return convert(value);
  });
}

std::optional<std::vector<std::string>> readParameters(const Value& value) {
  return collect(value.list(), readParameter);
}

std::optional<bool> readBoolean(const Value& value) { return value.boolean(); }

/// Keys of what an allow grants.
void readGrant(MapReader& map, const Pool& defaults, PolicyRule& rule) {
  const auto grant = [&](std::string_view key, auto& setting, auto convert) {
    return readFor(Effect::Allow, map, rule, key, setting, convert);
  };
  grant("as", rule.as, nameTemplate);
  grant("never_roles", rule.never_roles, readNeverRoles);
  grant("default_database", rule.default_database, exactName);
  grant("database_as", rule.database_as, exactName);
  grant("backend", rule.backend, [](const Value& value) { return value.text(); });
  grant("application_name", rule.application_name, applicationName);
  grant("startup_parameters", rule.startup_parameters, readParameters);
  grant("superuser", rule.superuser, readBoolean);
  const auto read_end = [](const Value& value) { return value.word(kSessionEnds); };
  grant("on_revoke", rule.on_revoke, read_end);
  grant("at_window_end", rule.at_window_end, [&](const Value& value) {
    if (rule.when.empty()) {
      value.error("a rule without when: has no window that could end", "take it out, or add when:");
    }
    return read_end(value);
  });
  Pool pool = defaults;
  const auto read_pool = [&](const Value& value) -> std::optional<Pool> {
    readPool(value, pool);
    return pool;
  };
  grant("bind_to_process", rule.bind_to_process,
        [](const Value& value) { return value.boolean(); });
  if (grant("pool", pool, read_pool)) {
    rule.pool = pool;
  }
  if (grant("isolate", pool.isolate, readIsolate)) {
    rule.pool = pool;
  }
  grant("limits", rule.limits, [](const Value& value) -> std::optional<RuleLimits> {
    RuleLimits limits;
    readRuleLimits(value, limits);
    return limits;
  });
}

PolicyRule readRule(const Value& value, const Pool& defaults) {
  PolicyRule rule;
  rule.where = value.where();
  MapReader map(value, "rule");
  if (const auto name = map.require("name", "logs, tests and explain refer to it")) {
    rule.name = ruleName(*name).value_or("");
  }
  readEffect(map, rule);
  if (const auto listener = map.require(
          "listener", rule.effect == Effect::Deny
                          ? "name one or a list; a deny for all listeners belongs under never:"
                          : "name one or a list")) {
    rule.listeners = collect(listener->oneOrMore(), readListenerName);
  }
  map.readAnyOf("databases", rule.databases, namePattern);
  map.readAnyOf("roles", rule.roles, namePattern);
  map.read("when", rule.when, readWindows);
  readGrant(map, defaults, rule);
  map.read("dry_run", rule.dry_run, &Value::boolean);
  readFor(Effect::Deny, map, rule, "reason", rule.reason, readReason);
  map.finish();
  return rule;
}

PolicyRule readNeverEntry(const Value& value) {
  PolicyRule rule;
  rule.where = value.where();
  MapReader map(value, "never");
  if (const auto name = map.require("name", "logs and explain refer to it")) {
    rule.name = ruleName(*name).value_or("");
  }
  if (const auto who = map.require("who", "as in who: { uid: 0 }")) {
    rule.who = readSelector(*who).value_or(Selector{});
  }
  map.read("reason", rule.reason, readReason);
  map.finish();
  return rule;
}

PolicyTest readTest(const Value& value) {
  PolicyTest test;
  test.where = value.where();
  MapReader map(value, "test");
  if (const auto listener = map.require("listener")) {
    test.listener = listener->text().value_or("");
  }
  // A number may stand under either key; both at once would be two answers to one question.
  const std::optional<Value> user = map.find("user");
  const std::optional<Value> uid = map.find("uid");
  if (map.good() && user.has_value() == uid.has_value()) {
    value.error(user ? "a test names a user or a uid, not both" : "user or uid is missing");
  } else if (user) {
    test.user = user->account().value_or(AccountName{});
  } else if (uid) {
    const std::optional<IdRange> id = uid->idRange();
    if (id && id->first != id->last) {
      uid->error("a test is about one uid", "name one of the range");
    } else if (id) {
      test.user = {"", id->first, uid->where()};
    }
  }
  if (const auto groups = map.find("groups")) {
    test.groups_given = true;
    test.groups = collect(groups->isList() ? groups->list() : groups->oneOrMore(), &Value::account);
  }
  map.read("unit", test.unit, &Value::text);
  map.read("exe", test.exe, filePath);
  map.read("database", test.database, exactName);
  map.read("role", test.role, exactName);
  map.read("at", test.at, readMoment);
  if (const auto expect = map.require("expect", "deny, or the name of the rule that lets it in")) {
    test.expect = expect->text().value_or("");
  }
  map.finish();
  return test;
}

}  // namespace

void readNever(const Value& value, std::vector<PolicyRule>& never) {
  for (const Value& entry : value.list()) {
    never.push_back(readNeverEntry(entry));
  }
}

void readRules(const Value& value, const Pool& defaults, std::vector<PolicyRule>& rules) {
  for (const Value& entry : value.list()) {
    rules.push_back(readRule(entry, defaults));
  }
}

void readTests(const Value& value, std::vector<PolicyTest>& tests) {
  for (const Value& entry : value.list()) {
    tests.push_back(readTest(entry));
  }
}

std::optional<std::vector<std::string>> readNeverRoles(const Value& value) {
  return collect(value.list(), [](const Value& element) -> std::optional<std::string> {
    std::optional<std::string> pattern = namePattern(element);
    if (pattern && pattern->find("${") != std::string::npos) {
      element.error("a variable is not possible here", "write names, or globs as pg_*");
      return std::nullopt;
    }
    return pattern;
  });
}

}  // namespace peerpool::config
