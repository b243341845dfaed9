// explain(): the fate of each rule up to the deciding one, with the first condition that failed.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Outcome = RuleTrace::Outcome;

std::string failed(const config::PolicyRule& rule, const Identity& peer, const Request& request) {
  config::Config config = configOf({rule});
  config.identities.push_back({"people", user("bob")});
  const std::vector<RuleTrace> traces = policyOf(std::move(config))->explain(peer, request);
  REQUIRE(traces.size() == 1);
  return traces[0].failed;
}

config::PolicyRule with(void (*change)(config::PolicyRule&)) {
  config::PolicyRule rule = allow("rule", who(user("alice")));
  change(rule);
  return rule;
}

struct Row {
  config::PolicyRule rule;
  Identity peer;
  Request request;
  std::string failed;
};

const Request kShop{"pg", "shop", "x"};

void checkRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CHECK(failed(row.rule, row.peer, row.request) == row.failed);
  }
}

void nothing(config::PolicyRule&) {}
void asAlone(config::PolicyRule& rule) {
  rule.roles.clear();
  rule.as = "shop_rw";
}
void asTemplate(config::PolicyRule& rule) {
  rule.roles.clear();
  rule.as = "pg_${user}";
}
void named(config::PolicyRule& rule) {
  rule.who = {};
  rule.who.identities = {"people"};
}

TEST_CASE("the first condition on peer or database that failed is told in words") {
  checkRows({
      {with(nothing), alice(), kShop, ""},
      {with(nothing), alice(), {"other", "shop", "x"}, "listener \"other\" is not one of: pg"},
      {with(nothing), bob(), kShop, "uid 1002 is not user alice (uid 1001)"},
      {with([](config::PolicyRule& rule) { rule.who = who(group("dba")); }), bob(), kShop,
       "uid 1002 is not in group dba (gid 1200)"},
      {with(named), alice(), kShop, "not identity people: uid 1001 is not user bob (uid 1002)"},
      {with([](config::PolicyRule& rule) { rule.who = {}; }), alice(), kShop,
       "the rule names nobody"},
      {with([](config::PolicyRule& rule) { rule.who = anyone(); }), unmappedPeer(), kShop,
       "anyone does not include a peer that the kernel cannot name"},
      {with(nothing), unmappedPeer(), kShop,
       "the kernel cannot name the peer, so this is unknown: user alice (uid 1001)"},
      {with([](config::PolicyRule& rule) {
         rule.databases = {"stats_*", "a"};
       }),
       alice(), kShop, "database \"shop\" is not one of: stats_*, a"},
      {with([](config::PolicyRule& rule) { rule.databases = {"${user}"}; }), peer(1001), kShop,
       "databases: ${user} cannot be filled in: the account name is not known"},
      {with([](config::PolicyRule& rule) { rule.databases.clear(); }), alice(), kShop,
       "the rule names no databases"},
      {with(nothing),
       peer(1001),
       {"pg", "", ""},
       "no database and no role is asked for, and the account name is not known"},
  });
}

TEST_CASE("the condition on the role that failed is told in words") {
  checkRows({
      {with([](config::PolicyRule& rule) {
         rule.roles = {"dba", "y_*"};
       }),
       alice(), kShop, "role \"x\" is not one of: dba, y_*"},
      {with([](config::PolicyRule& rule) { rule.roles.clear(); }), alice(), kShop,
       "the rule names no roles"},
      {with([](config::PolicyRule& rule) { rule.roles = {"${identity}"}; }), alice(), kShop,
       "roles: ${identity} cannot be filled in: no named identity matched"},
      {with(nothing),
       alice(),
       {"pg", "shop", "postgres"},
       "role \"postgres\" is in never_roles: only an exact name in roles: may give it"},
      {with(nothing),
       peer(1001),
       {"pg", "shop", ""},
       "no role is asked for, and the account name is not known"},
      {with(asAlone), alice(), kShop,
       "role \"x\" is not allowed: as: shop_rw accepts shop_rw, alice or none"},
      {with(asAlone), peer(1001), kShop,
       "role \"x\" is not allowed: as: shop_rw accepts shop_rw or none; the account name is not "
       "known"},
      {with(asTemplate), alice(), kShop,
       "as: pg_${user} yields \"pg_alice\", which is in never_roles: only an exact name may give "
       "it"},
      {with(asTemplate), peer(1001, "Odd"), kShop,
       "as: pg_${user} cannot be filled in: account name \"Odd\" may not be put into a name"},
      {with(nothing), alice(), {"pg", "a\nb", "x\x1b"}, ""},
  });
}

TEST_CASE("a definite no is told rather than an earlier unknown") {
  config::PolicyRule rule = allow("rule", who(user("alice")));
  rule.databases = {"a"};
  const auto traces = policyOf({rule})->explain(unmappedPeer(), {"pg", "shop", "x"});
  CHECK(traces[0].outcome == Outcome::NoMatch);
  CHECK(traces[0].failed == "database \"shop\" is not one of: a");
}

TEST_CASE("explain goes on to the deciding rule and no further") {
  config::PolicyRule dry = allow("dry", anyone());
  dry.dry_run = true;
  const auto policy = policyOf({allow("for bob", who(user("bob"))), dry, allow("yes", anyone()),
                                deny("unreached", anyone())},
                               {never("no root", who(user("root")))});
  const auto traces = policy->explain(alice(), {"pg", "shop", "x"});
  REQUIRE(traces.size() == 4);
  const Outcome outcomes[] = {Outcome::NoMatch, Outcome::NoMatch, Outcome::Match, Outcome::Match};
  const char* const names[] = {"no root", "for bob", "dry", "yes"};
  for (std::size_t i = 0; i < traces.size(); ++i) {
    CAPTURE(i);
    CHECK(traces[i].rule == names[i]);
    CHECK(traces[i].outcome == outcomes[i]);
    CHECK(traces[i].failed.empty() == (outcomes[i] == Outcome::Match));
    CHECK(traces[i].decides == (i == 3));
    CHECK(traces[i].dry_run == (i == 2));
    CHECK(traces[i].effect == (i == 0 ? config::Effect::Deny : config::Effect::Allow));
    CHECK(config::describe(traces[i].where) == "policy.yaml:10:5");
  }
}

TEST_CASE("an unknown deny decides and says that it is unknown") {
  const auto policy = policyOf({deny("no", who(user("bob"))), allow("yes", anyone())});
  const auto traces = policy->explain(unmappedPeer(), {"pg", "shop", "x"});
  REQUIRE(traces.size() == 1);
  CHECK(traces[0].outcome == Outcome::Unknown);
  CHECK(traces[0].decides);
}

TEST_CASE("when nothing matches all rules are explained") {
  const auto policy = policyOf({allow("a", who(user("bob"))), allow("b", who(user("carol")))});
  const auto traces = policy->explain(alice(), {"pg", "shop", "x"});
  REQUIRE(traces.size() == 2);
  CHECK_FALSE(traces[0].decides);
  CHECK_FALSE(traces[1].decides);
  const std::string too_long(64, 'a');
  for (const RuleTrace& trace : policy->explain(bob(), {"pg", "shop", too_long})) {
    CHECK(trace.failed == "role \"" + too_long + "\" has more than 63 bytes");
    CHECK(trace.outcome == Outcome::NoMatch);
  }
}

}  // namespace
}  // namespace peerpool::auth
