// Random policies, peers and requests with a fixed seed: accept(), login() and explain() agree, and
// whatever is granted is within what the rule says.

#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "auth/name_pattern.h"
#include "tests/auth/policy_fixture.h"
#include "tests/auth/slow_policy.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

constexpr std::uint32_t kWeek = 7 * 24 * 60;  // Minutes.
const config::Instant kMonday{std::chrono::hours(24 * 20'780)};

class Generator {
 public:
  config::Matcher matcher(int depth) {
    config::Matcher result;
    switch (below(depth > 0 ? 8U : 5U)) {
      case 4:
        return process();
      case 0:
        return user(pick({"alice", "bob", "carol"}));
      case 1:
        return group(pick({"dba", "clients"}));
      case 2:
        return unmapped(below(2) == 0);
      case 3:
        result.uids = {{1000, 1000 + below(5)}};
        return result;
      case 5:
        return anyOf({matcher(depth - 1), matcher(depth - 1)});
      case 6:
        return notOf(matcher(depth - 1));
      default:
        result = matcher(depth - 1);
        result.not_all_of = {matcher(depth - 1)};
        return result;
    }
  }

  config::Matcher process() {
    config::Matcher result;
    switch (below(3)) {
      case 0:
        result.process.units.push_back({pick({"web.service", "web@*.service"}), {}});
        break;
      case 1:
        result.process.slices.push_back({pick({"ci.slice", "system.slice"}), {}});
        break;
      default:
        result.process.containers.push_back(static_cast<config::ContainerKind>(below(4)));
    }
    return result;
  }

  config::PolicyRule rule(bool is_never) {
    config::PolicyRule result = allow(std::to_string(++rules_), who(matcher(2)));
    if (below(4) == 0) {
      result.who = {};
      result.who.identities = {pick({"one", "two"}), pick({"two", "one"})};
    }
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
    result.as = below(3) == 0 ? pick({"shop_rw", "ro_${user}", "${user}", "postgres", "${identity}",
                                      "i_${unit_instance}"})
                              : "";
    result.never_roles =
        below(4) == 0 ? std::vector<std::string>{"shop*"} : std::vector<std::string>{};
    result.default_database = below(4) == 0 ? "shop" : "";
    result.database_as = below(4) == 0 ? "shop_v2" : "";
    result.dry_run = below(5) == 0;
    for (std::uint32_t i = is_never || below(3) > 0 ? 0 : 1 + below(2); i > 0; --i) {
      result.when.push_back(
          {static_cast<std::uint8_t>(1 + below(127)), below(24) * 60, (1 + below(24)) * 60, "UTC"});
    }
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
    config::Config result = configOf(std::move(rules), std::move(never_rules));
    result.identities = {{"one", matcher(1)}, {"two", matcher(1)}};
    result.listeners.front().containers =
        below(3) == 0 ? static_cast<config::Containers>(below(3)) : config::Containers::Allow;
    if (below(2) == 0) {
      result.mode = config::Mode::Audit;
      result.audit_until = kMonday + std::chrono::minutes(below(kWeek));
    }
    return result;
  }

  Identity identity() {
    if (below(10) == 0) {
      return unmappedPeer();
    }
    const std::string account = pick({"alice", "bob", "carol", "postgres", "Odd", ""});
    Identity result = peer(1001 + below(4), account, {below(2) == 0 ? 1200U : 1300U});
    if (below(3) > 0) {
      result.process = somewhere();
    }
    return result;
  }

  std::shared_ptr<const ProcessFacts> somewhere() {
    if (below(6) == 0) {
      return nullptr;
    }
    auto facts = std::make_shared<ProcessFacts>();
    if (below(6) > 0) {
      const std::string path = pick({"/", "/system.slice/web.service", "/ci.slice/web@a.service",
                                     "/docker/" + std::string(64, 'a'),
                                     "/user.slice/user@7.service/app.slice/web.service"});
      facts->cgroup = Fact<CgroupPlace>::known(*parseCgroupPath(path));
    }
    if (below(6) > 0) {
      facts->apart = Fact<bool>::known(below(3) == 0);
    }
    return facts;
  }

  config::Moment moment() {
    switch (below(5)) {
      case 0:
        return {};
      case 1:
        return config::WeekTime{below(7), below(kWeek / 7)};
      default:
        return kMonday + std::chrono::minutes(below(kWeek));
    }
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
  for (int round = 0; round < 1200; ++round) {
    const auto policy = policyOf(random.config());
    for (int i = 0; i < 10; ++i) {
      const Identity identity = random.identity();
      const std::string listener = random.listener();
      const std::string database = random.databaseOrRole();
      const std::string role = random.databaseOrRole();
      const Request request{listener, database, role, random.moment()};
      CAPTURE(round, i, identity.uid, identity.user, listener, database, role);

      const Decision decision = policy->login(identity, request);
      const std::vector<RuleTrace> traces = policy->explain(identity, request);
      const bool decided = !traces.empty() && traces.back().decides;
      const bool by_rule = decided && traces.back().effect == config::Effect::Allow;
      const bool tolerated = decision.rule == config::kAuditModeRule;
      if (tolerated) {
        CHECK(policy->config().mode == config::Mode::Audit);
        CHECK_FALSE(by_rule);
      } else {
        CHECK(decision.rule == (decided ? traces.back().rule : "default"));
      }
      CHECK((decision.verdict == Verdict::Allow) == (by_rule || tolerated));
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

      const Decision early = policy->accept(identity, listener, request.at);
      CHECK(early.verdict != Verdict::Allow);
      if (early.verdict == Verdict::Deny) {
        CHECK(decision.verdict == Verdict::Deny);
        ++denied_at_accept;
      }
      if (by_rule) {
        checkGrant(decision, policy->config(), identity, request);
        ++allowed;
      } else if (decided) {
        ++denied_by_rule;
      }
    }
  }
  // The cases are worth something only if all outcomes occur.
  CHECK(allowed > 200);
  CHECK(denied_by_rule > 300);
  CHECK(denied_at_accept > 300);
}

std::string textOf(const SlowAnswer& answer) {
  return answer.rule +
         (answer.allowed ? " allows " + answer.login_role + " in " + answer.database : " denies");
}

std::string textOf(const Decision& decision) {
  return textOf(SlowAnswer{decision.verdict == Verdict::Allow, decision.rule, decision.login_role,
                           decision.database});
}

TEST_CASE(
    "a hundred thousand decisions are those of a slow evaluator, and later rules change none") {
  Generator random;
  std::size_t wrong = 0;
  std::size_t changed = 0;
  std::size_t explained = 0;
  std::size_t allowed = 0;
  std::size_t by_audit = 0;
  std::string first;
  for (int round = 0; round < 5000; ++round) {
    const config::Config config = random.config();
    config::Config longer = config;
    longer.rules.push_back(random.rule(false));
    const auto policy = policyOf(config);
    const auto longer_policy = policyOf(longer);
    for (int i = 0; i < 20; ++i) {
      const Identity identity = random.identity();
      const std::string listener = random.listener();
      const std::string database = random.databaseOrRole();
      const std::string role = random.databaseOrRole();
      const Request request{listener, database, role, random.moment()};
      const Decision decision = policy->login(identity, request);
      const std::string fast = textOf(decision);
      const std::string slow = textOf(decideSlowly(config, identity, request));
      allowed += decision.verdict == Verdict::Allow ? 1U : 0U;
      if (fast != slow && ++wrong == 1) {
        first = "round " + std::to_string(round) + '.' + std::to_string(i) + ": " + fast +
                ", but " + slow;
      }
      const std::vector<RuleTrace> traces = policy->explain(identity, request);
      const bool decided = !traces.empty() && traces.back().decides;
      const bool tolerated = decision.rule == config::kAuditModeRule;
      explained +=
          tolerated || (decided ? traces.back().rule : "default") == decision.rule ? 1U : 0U;
      by_audit += tolerated ? 1U : 0U;
      changed += decision.rule != "default" && !tolerated &&
                         textOf(longer_policy->login(identity, request)) != fast
                     ? 1U
                     : 0U;
    }
  }
  INFO(first);
  CHECK(wrong == 0);
  CHECK(changed == 0);
  CHECK(explained == 100'000);
  CHECK(allowed > 3'000);
  CHECK(by_audit > 300);
}

}  // namespace
}  // namespace peerpool::auth
