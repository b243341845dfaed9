// mode: audit lets in who would be denied, and where it does not.

#include "auth/audit_mode.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth::test {
namespace {

const config::Instant kUntil = *config::parseInstant("2026-12-01");
const config::Instant kBefore = *config::parseInstant("2026-11-30T23:59Z");

std::unique_ptr<Policy> auditing(std::vector<config::PolicyRule> rules,
                                 std::vector<config::PolicyRule> never_rules = {}) {
  config::Config config = configOf(std::move(rules), std::move(never_rules));
  config.mode = config::Mode::Audit;
  config.audit_until = kUntil;
  config.mode_where = {"policy.yaml", 2, 1};
  return policyOf(std::move(config));
}

}  // namespace

TEST_CASE("mode: audit lets in whom no rule allows as its own account only") {
  const auto policy = auditing({allow("alice", who(user("alice")))});
  CHECK(policy->accept(bob(), "pg", kBefore).verdict == Verdict::Maybe);
  const Decision decision = policy->login(bob(), {"pg", "shop", "bob", kBefore});
  CHECK(decision.verdict == Verdict::Allow);
  CHECK(decision.rule == config::kAuditModeRule);
  CHECK(decision.login_role == "bob");
  CHECK(decision.database == "shop");
  CHECK(decision.would_deny.find("no rule of listener") == 0);
  REQUIRE(decision.granted != nullptr);
  CHECK_FALSE(decision.granted->superuser);
  // Without a role it is the account's; another one is denied.
  CHECK(policy->login(bob(), {"pg", "shop", "", kBefore}).login_role == "bob");
  CHECK(policy->login(bob(), {"pg", "shop", "alice", kBefore}).verdict == Verdict::Deny);
}

TEST_CASE("mode: audit changes nothing for who is allowed") {
  const auto policy = auditing({allow("alice", who(user("alice")))});
  const Decision decision = policy->login(alice(), {"pg", "shop", "x", kBefore});
  CHECK(decision.rule == "alice");
  CHECK(decision.would_deny.empty());
}

TEST_CASE("mode: audit lets in past a deny rule and says which it was") {
  const auto policy = auditing({deny("no bob", who(user("bob"))), allow("all", anyone())});
  CHECK(policy->accept(bob(), "pg", kBefore).verdict == Verdict::Maybe);
  const Decision decision = policy->login(bob(), {"pg", "shop", "bob", kBefore});
  CHECK(decision.verdict == Verdict::Allow);
  CHECK(decision.would_deny.find("\"no bob\"") != std::string::npos);
}

TEST_CASE("mode: audit lets nobody in past never") {
  const auto policy = auditing({}, {never("no bob", who(user("bob")))});
  CHECK(policy->accept(bob(), "pg", kBefore).verdict == Verdict::Deny);
  CHECK(policy->login(bob(), {"pg", "shop", "bob", kBefore}).verdict == Verdict::Deny);
  CHECK(policy->login(alice(), {"pg", "shop", "alice", kBefore}).verdict == Verdict::Allow);
}

TEST_CASE("mode: audit yields no role of never_roles no odd name and nobody without one") {
  const auto policy = auditing({});
  const auto denies = [&](const Identity& identity) {
    return policy->login(identity, {"pg", "shop", "", kBefore}).verdict == Verdict::Deny;
  };
  CHECK(denies(peer(70, "postgres")));
  CHECK(denies(peer(71, "pg_monitor")));
  CHECK(denies(peer(1004, "Odd")));
  CHECK(denies(peer(4242)));
  CHECK(denies(unmappedPeer()));
  CHECK(policy->accept(unmappedPeer(), "pg", kBefore).verdict == Verdict::Deny);
  CHECK(policy->login(bob(), {"pg", std::string(64, 'd'), "bob", kBefore}).verdict ==
        Verdict::Deny);
  CHECK(policy->login(bob(), {"elsewhere", "shop", "bob", kBefore}).verdict == Verdict::Deny);
}

TEST_CASE("mode: audit ends by itself and is over when the time is not known (check 53)") {
  const auto policy = auditing({});
  CHECK(policy->audits(kBefore));
  CHECK_FALSE(policy->audits(kUntil));
  CHECK(policy->staysFor(kBefore) == std::chrono::seconds(60));
  CHECK(policy->timeState(kBefore) != policy->timeState(kUntil));
  for (const config::Moment& moment :
       {config::Moment(kUntil), config::Moment(), config::Moment(config::WeekTime{0, 0})}) {
    CHECK(policy->login(bob(), {"pg", "shop", "bob", moment}).verdict == Verdict::Deny);
    CHECK(policy->accept(bob(), "pg", moment).verdict == Verdict::Deny);
  }
}

}  // namespace peerpool::auth::test
