// Random policies, peers and requests with a fixed seed: accept(), login() and explain() agree, and
// whatever is granted is within what the rule says.

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "auth/name_pattern.h"
#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

class Generator {
 public:
  config::Matcher matcher(int depth) {
    config::Matcher result;
    switch (below(depth > 0 ? 7U : 4U)) {
      case 0:
        return user(pick({"alice", "bob", "carol"}));
      case 1:
        return group(pick({"dba", "clients"}));
      case 2:
        return unmapped(below(2) == 0);
      case 3:
        result.uids = {{1000, 1000 + below(5)}};
        return result;
      case 4:
        return anyOf({matcher(depth - 1), matcher(depth - 1)});
      case 5:
        return notOf(matcher(depth - 1));
      default:
        result = matcher(depth - 1);
        result.not_all_of = {matcher(depth - 1)};
        return result;
    }
  }

  config::PolicyRule rule(bool is_never) {
    config::PolicyRule result = allow(std::to_string(++rules_), who(matcher(2)));
    if (is_never || below(4) == 0) {
      result.effect = config::Effect::Deny;
    }
    if (!is_never && below(3) == 0) {
      result.who = anyone();
    }
    result.listeners = is_never ? std::vector<std::string>{}
                                : std::vector<std::string>{pick({"pg", "pg", "pg", "pg2"})};
    result.databases = patterns();
    result.roles = patterns();
    result.as = below(3) == 0 ? pick({"shop_rw", "ro_${user}", "${user}", "postgres"}) : "";
    result.never_roles =
        below(4) == 0 ? std::vector<std::string>{"shop*"} : std::vector<std::string>{};
    result.default_database = below(4) == 0 ? "shop" : "";
    result.database_as = below(4) == 0 ? "shop_v2" : "";
    result.dry_run = below(5) == 0;
    return result;
  }

  config::Config config() {
    std::vector<config::PolicyRule> rules;
    std::vector<config::PolicyRule> never_rules;
    for (std::uint32_t i = below(6); i > 0; --i) {
      rules.push_back(rule(false));
    }
    for (std::uint32_t i = below(2); i > 0; --i) {
      never_rules.push_back(rule(true));
    }
    return configOf(std::move(rules), std::move(never_rules));
  }

  Identity identity() {
    if (below(10) == 0) {
      return unmappedPeer();
    }
    const std::string account = pick({"alice", "bob", "carol", "postgres", "Odd", ""});
    return peer(1001 + below(4), account, {below(2) == 0 ? 1200U : 1300U});
  }

  std::string databaseOrRole() {
    return pick({"shop", "stats_1", "alice", "postgres", "ro_alice", "shop_rw", "pg_x", ""});
  }
  std::string listener() { return pick({"pg", "pg", "pg", "pg", "pg2", "none"}); }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::string pick(const std::vector<std::string>& choices) {
    return choices[below(static_cast<std::uint32_t>(choices.size()))];
  }
  std::vector<std::string> patterns() {
    std::vector<std::string> result;
    for (std::uint32_t i = below(4); i > 0; --i) {
      result.push_back(
          pick({"*", "*", "*", "shop", "stats_*", "${user}", "*_rw", "postgres", "pg_*"}));
    }
    return result;
  }

  std::mt19937 random_{20261122};
  int rules_ = 0;
};

void checkGrant(const Decision& decision, const config::Config& config, const Identity& identity,
                const Request& request) {
  const config::PolicyRule& rule = *decision.granted;
  CHECK(rule.effect == config::Effect::Allow);
  CHECK_FALSE(rule.dry_run);
  CHECK_FALSE(decision.login_role.empty());
  CHECK(decision.login_role.size() <= kMaxNameLength);
  CHECK(decision.login_role.find("${") == std::string::npos);
  const bool exact =
      rule.as == decision.login_role ||
      std::find(rule.roles.begin(), rule.roles.end(), decision.login_role) != rule.roles.end();
  if (!exact) {
    for (const std::string& guarded : config.never_roles) {
      CHECK_FALSE(globMatches(guarded, decision.login_role));
    }
  }
  if (rule.as.empty()) {
    CHECK(decision.login_role == (request.role.empty() ? identity.user : request.role));
  }
  if (!rule.database_as.empty()) {
    CHECK(decision.database == rule.database_as);
  } else if (!request.database.empty()) {
    CHECK(decision.database == request.database);
  }
}

TEST_CASE("login, explain and accept agree on random policies") {
  Generator random;
  int allowed = 0;
  int denied_by_rule = 0;
  int denied_at_accept = 0;
  for (int round = 0; round < 600; ++round) {
    const auto policy = policyOf(random.config());
    for (int i = 0; i < 10; ++i) {
      const Identity identity = random.identity();
      const std::string listener = random.listener();
      const std::string database = random.databaseOrRole();
      const std::string role = random.databaseOrRole();
      const Request request{listener, database, role};
      CAPTURE(round, i, identity.uid, identity.user, listener, database, role);

      const Decision decision = policy->login(identity, request);
      const std::vector<RuleTrace> traces = policy->explain(identity, request);
      const bool decided = !traces.empty() && traces.back().decides;
      CHECK(decision.rule == (decided ? traces.back().rule : "default"));
      CHECK((decision.verdict == Verdict::Allow) ==
            (decided && traces.back().effect == config::Effect::Allow));
      std::vector<std::string> dry_run;
      for (const RuleTrace& trace : traces) {
        const bool allows = trace.effect == config::Effect::Allow;
        const bool counts = trace.outcome == RuleTrace::Outcome::Match ||
                            (!allows && trace.outcome == RuleTrace::Outcome::Unknown);
        CHECK(trace.decides == (counts && !trace.dry_run));
        CHECK(trace.failed.empty() == (trace.outcome == RuleTrace::Outcome::Match));
        if (counts && trace.dry_run) {
          dry_run.push_back((allows ? "allow: " : "deny: ") + trace.rule);
        }
      }
      CHECK(decision.dry_run == dry_run);

      const Decision early = policy->accept(identity, listener);
      CHECK(early.verdict != Verdict::Allow);
      if (early.verdict == Verdict::Deny) {
        CHECK(decision.verdict == Verdict::Deny);
        ++denied_at_accept;
      }
      if (decision.verdict == Verdict::Allow) {
        checkGrant(decision, policy->config(), identity, request);
        ++allowed;
      } else if (decided) {
        ++denied_by_rule;
      }
    }
  }
  // The cases are worth something only if all outcomes occur.
  CHECK(allowed > 300);
  CHECK(denied_by_rule > 300);
  CHECK(denied_at_accept > 300);
}

}  // namespace
}  // namespace peerpool::auth
