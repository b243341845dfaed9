// Which rule decides: never, first match, listeners, dry_run, unknown values, and what accept() may
// say before the startup packet.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

constexpr Request kRequest{"pg", "shop", "x"};

std::string decidedBy(const Policy& policy, const Identity& peer,
                      const Request& request = kRequest) {
  const Decision decision = policy.login(peer, request);
  return (decision.verdict == Verdict::Allow ? "allow " : "deny ") + decision.rule;
}

TEST_CASE("nothing is allowed that no rule allows") {
  CHECK(decidedBy(*policyOf(std::vector<config::PolicyRule>{}), alice()) == "deny default");
  const auto policy = policyOf({allow("for alice", who(user("alice")))});
  CHECK(decidedBy(*policy, alice()) == "allow for alice");
  CHECK(decidedBy(*policy, bob()) == "deny default");
  CHECK(decidedBy(*policy, unmappedPeer()) == "deny default");
  CHECK(decidedBy(*policy, alice(), {"other", "shop", "x"}) == "deny default");
  CHECK(decidedBy(*policy, alice(), {"", "shop", "x"}) == "deny default");
}

TEST_CASE("the first rule that matches decides") {
  const auto deny_first = policyOf({deny("no", who(user("alice"))), allow("yes", anyone())});
  CHECK(decidedBy(*deny_first, alice()) == "deny no");
  CHECK(decidedBy(*deny_first, bob()) == "allow yes");
  const auto allow_first = policyOf({allow("yes", anyone()), deny("no", who(user("alice")))});
  CHECK(decidedBy(*allow_first, alice()) == "allow yes");
}

TEST_CASE("never comes before all rules, on every listener") {
  const auto policy = policyOf({allow("yes", anyone())}, {never("no root", who(user("root")))});
  CHECK(decidedBy(*policy, peer(0, "root")) == "deny no root");
  CHECK(decidedBy(*policy, peer(0, "root"), {"elsewhere", "shop", "x"}) == "deny no root");
  CHECK(decidedBy(*policy, alice()) == "allow yes");
}

TEST_CASE("an allow rule without listeners applies nowhere") {
  config::PolicyRule rule = allow("yes", anyone());
  rule.listeners.clear();
  CHECK(decidedBy(*policyOf({rule}), alice()) == "deny default");
}

TEST_CASE("an unknown allow does not match, an unknown deny does") {
  const Identity stranger = unmappedPeer();
  CHECK(decidedBy(*policyOf({allow("yes", anyone())}), stranger) == "deny default");
  CHECK(decidedBy(*policyOf({allow("yes", who(notOf(user("root"))))}), stranger) == "deny default");
  CHECK(decidedBy(*policyOf({allow("yes", who({}))}), stranger) == "deny default");
  CHECK(decidedBy(*policyOf({allow("yes", who(unmapped(true)))}), stranger) == "allow yes");
  const std::vector<config::PolicyRule> after_allow{deny("no", who(user("carol"))),
                                                    allow("yes", who(unmapped(true)))};
  CHECK(decidedBy(*policyOf(after_allow), stranger) == "deny no");
  CHECK(decidedBy(
            *policyOf({allow("yes", who(unmapped(true)))}, {never("no root", who(user("root")))}),
            stranger) == "deny no root");
  CHECK(decidedBy(*policyOf({deny("no", who(notOf(user("carol")))), after_allow[1]}), stranger) ==
        "deny no");
  config::Matcher mapped_root = user("root");
  mapped_root.unmapped = false;
  CHECK(decidedBy(*policyOf({allow("yes", who(unmapped(true)))}, {never("no", who(mapped_root))}),
                  stranger) == "allow yes");
}

TEST_CASE("a deny with databases or roles waits for them and fails closed") {
  config::PolicyRule database = deny("no secrets", anyone());
  database.databases = {"secret", "${user}"};
  const auto policy = policyOf({database, allow("yes", anyone())});
  CHECK(decidedBy(*policy, alice(), {"pg", "secret", "x"}) == "deny no secrets");
  CHECK(decidedBy(*policy, alice(), {"pg", "alice", "x"}) == "deny no secrets");
  CHECK(decidedBy(*policy, alice()) == "allow yes");
  // Whose database it is cannot be known without the account's name.
  CHECK(decidedBy(*policy, peer(1001)) == "deny no secrets");
  CHECK(decidedBy(*policy, peer(1004, "Odd")) == "deny no secrets");

  config::PolicyRule role = deny("no superuser", anyone());
  role.roles = {"*"};
  config::PolicyRule exact = allow("yes", anyone());
  exact.roles = {"postgres"};
  // never_roles limits what a pattern grants, not what it denies.
  CHECK(decidedBy(*policyOf({role, exact}), alice(), {"pg", "shop", "postgres"}) ==
        "deny no superuser");
  role.roles = {"shop_*"};
  const auto by_role = policyOf({role, allow("yes", anyone())});
  CHECK(decidedBy(*by_role, alice(), {"pg", "shop", "shop_rw"}) == "deny no superuser");
  CHECK(decidedBy(*by_role, alice()) == "allow yes");
  // Which role it is for, nobody can say.
  config::PolicyRule fixed = allow("yes", anyone());
  fixed.roles.clear();
  fixed.as = "reader";
  CHECK(decidedBy(*policyOf({role, fixed}), peer(1001), {"pg", "shop", ""}) == "deny no superuser");
}

TEST_CASE("dry_run rules are recorded and never decide") {
  config::PolicyRule dry_allow = allow("dry allow", anyone());
  dry_allow.dry_run = true;
  config::PolicyRule dry_deny = deny("dry deny", who(user("alice")));
  dry_deny.dry_run = true;
  config::PolicyRule dry_never = never("dry never", who(user("alice")));
  dry_never.dry_run = true;
  const auto policy =
      policyOf({dry_allow, dry_deny, allow("yes", who(user("alice"))), deny("later", anyone())},
               {dry_never});
  const Decision decision = policy->login(alice(), kRequest);
  CHECK(decision.rule == "yes");
  CHECK(decision.dry_run ==
        std::vector<std::string>{"deny: dry never", "allow: dry allow", "deny: dry deny"});
  const Decision other = policy->login(bob(), kRequest);
  CHECK(other.rule == "later");
  CHECK(other.dry_run == std::vector<std::string>{"allow: dry allow"});
  CHECK(policyOf({dry_allow})->login(alice(), kRequest).verdict == Verdict::Deny);
  CHECK(policyOf({dry_allow})->accept(alice(), "pg").verdict == Verdict::Deny);
  const Decision at_accept = policyOf({dry_deny})->accept(alice(), "pg");
  CHECK(at_accept.rule == "default");
  CHECK(at_accept.dry_run == std::vector<std::string>{"deny: dry deny"});
}

TEST_CASE("at accept only what no database and no role can change is denied") {
  config::PolicyRule conditional = deny("conditional", anyone());
  conditional.databases = {"secret"};
  struct Row {
    const char* what;
    std::vector<config::PolicyRule> rules;
    std::vector<config::PolicyRule> never_rules;
    std::string outcome;
  };
  const config::PolicyRule yes = allow("yes", who(user("alice")));
  const config::PolicyRule no = deny("no", who(user("alice")));
  config::PolicyRule conditional_never = never("conditional", who(user("alice")));
  conditional_never.roles = {"postgres"};
  const Row rows[] = {
      {"no rules", {}, {}, "deny default"},
      {"allow", {yes}, {}, "maybe default"},
      {"allow for others", {allow("yes", who(user("bob")))}, {}, "deny default"},
      {"deny first", {no, yes}, {}, "deny no"},
      {"allow first", {yes, no}, {}, "maybe default"},
      {"conditional deny, then allow", {conditional, yes}, {}, "maybe default"},
      {"conditional deny only", {conditional}, {}, "deny default"},
      {"never", {yes}, {never("never", who(user("alice")))}, "deny never"},
      {"never for others", {yes}, {never("never", who(user("bob")))}, "maybe default"},
      {"conditional never", {yes}, {conditional_never}, "maybe default"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Decision decision = policyOf(row.rules, row.never_rules)->accept(alice(), "pg");
    CHECK((decision.verdict == Verdict::Maybe ? "maybe " : "deny ") + decision.rule == row.outcome);
    CHECK(decision.verdict != Verdict::Allow);
    CHECK(decision.granted == nullptr);
    CHECK_FALSE(decision.reason.empty());
  }
  CHECK(policyOf({yes})->accept(alice(), "other").verdict == Verdict::Deny);
  CHECK(policyOf({yes})->accept(unmappedPeer(), "pg").verdict == Verdict::Deny);
}

TEST_CASE("a decision says where it comes from and only the rule's own words go to the client") {
  config::PolicyRule intern = deny("the intern", who(user("carol")));
  intern.reason = "ask the DBA team";
  intern.where = {"policy.yaml", 42, 3};
  const auto policy = policyOf({intern, allow("yes", anyone())});
  const Decision denied = policy->login(peer(1003, "carol"), kRequest);
  CHECK(denied.client_reason == "ask the DBA team");
  CHECK(denied.reason == "rule \"the intern\" denies uid 1003 (carol)");
  CHECK(config::describe(denied.where) == "policy.yaml:42:3");
  CHECK(denied.login_role.empty());
  CHECK(denied.database.empty());
  CHECK(policy->accept(peer(1003, "carol"), "pg").client_reason == "ask the DBA team");
  const Decision allowed = policy->login(alice(), kRequest);
  CHECK(allowed.reason == "uid 1001 (alice) may use database \"shop\" as role \"x\"");
  CHECK(allowed.client_reason.empty());
  CHECK(allowed.granted == &policy->config().rules[1]);
  CHECK(policy->login(unmappedPeer(), kRequest).reason ==
        "rule \"the intern\" denies a peer that the kernel cannot name, because what it asks "
        "cannot be known: the kernel cannot name the peer, so this is unknown: user carol (uid "
        "1003)");
  CHECK(policyOf({intern})->login(alice(), kRequest).reason ==
        "no rule of listener \"pg\" lets uid 1001 (alice) in with database \"shop\" and role "
        "\"x\"");
  CHECK(policyOf({intern})->login(alice(), {"pg", std::string(64, 'a'), "x"}).reason ==
        "database \"" + std::string(64, 'a') + "\" has more than 63 bytes");
  const std::string_view zero("a\0b", 3);
  CHECK(policy->login(alice(), {"pg", "shop", zero}).reason ==
        "role \"a\\x00b\" contains a zero byte");
}

TEST_CASE("expect_peer is judged by the same conditions") {
  config::Config config = configOf({});
  config::Backend main;
  main.name = "main";
  main.expect_peer = user("postgres");
  config::Backend open;
  open.name = "open";
  config.backends = {main, open};
  const auto policy = policyOf(std::move(config));
  CHECK(policy->unexpectedPeer("main", peer(70)) == std::nullopt);
  CHECK(policy->unexpectedPeer("main", alice()) == "uid 1001 is not user postgres (uid 70)");
  CHECK(policy->unexpectedPeer("main", unmappedPeer()) != std::nullopt);
  CHECK(policy->unexpectedPeer("open", unmappedPeer()) == std::nullopt);
  CHECK(policy->unexpectedPeer("none", peer(70)) == "there is no backend \"none\"");
}

}  // namespace
}  // namespace peerpool::auth
