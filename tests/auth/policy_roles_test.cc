// Which role and database a rule grants: one table of cases for alice (uid 1001), who has account
// name, group and identity, and a few for peers that lack them.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Names = std::vector<std::string>;

/// A grant is written "role@database"; a denial is empty.
std::string outcome(const config::PolicyRule& rule, const Identity& peer, const char* role,
                    const char* database) {
  config::Config config = configOf({rule});
  config.identities.push_back({"people", user("alice")});
  const Decision decision = policyOf(std::move(config))->login(peer, {"pg", database, role});
  REQUIRE((decision.verdict == Verdict::Allow) == (decision.granted != nullptr));
  REQUIRE((decision.verdict == Verdict::Allow) == (decision.rule == "rule"));
  return decision.granted == nullptr ? "" : decision.login_role + '@' + decision.database;
}

config::PolicyRule ruleWith(const Names& databases, const Names& roles, const std::string& as) {
  config::PolicyRule rule = allow("rule", who(user("alice")));
  rule.databases = databases;
  rule.roles = roles;
  rule.as = as;
  return rule;
}

struct Row {
  Names databases;
  Names roles;
  std::string as;
  const char* role;
  const char* database;
  std::string granted;
};

void checkRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.databases, row.roles, row.as, row.role, row.database);
    CHECK(outcome(ruleWith(row.databases, row.roles, row.as), alice(), row.role, row.database) ==
          row.granted);
  }
}

TEST_CASE("which roles may be asked for and what they become") {
  checkRows({
      // roles: it gets what it asked for; none means the account's name.
      {{"shop"}, {"dba", "x_*"}, "", "dba", "shop", "dba@shop"},
      {{"shop"}, {"dba", "x_*"}, "", "x_1", "shop", "x_1@shop"},
      {{"shop"}, {"dba", "x_*"}, "", "alice", "shop", ""},
      {{"shop"}, {"dba"}, "", "", "shop", ""},
      {{"shop"}, {"alice"}, "", "", "shop", "alice@shop"},
      {{"shop"}, {"${user}"}, "", "", "shop", "alice@shop"},
      {{"shop"}, {"${user}"}, "", "bob", "shop", ""},
      {{"shop"}, {"DBA"}, "", "dba", "shop", ""},
      // as: alone accepts itself, the account's name and none.
      {{"shop"}, {}, "shop_rw", "shop_rw", "shop", "shop_rw@shop"},
      {{"shop"}, {}, "shop_rw", "alice", "shop", "shop_rw@shop"},
      {{"shop"}, {}, "shop_rw", "", "shop", "shop_rw@shop"},
      {{"shop"}, {}, "shop_rw", "bob", "shop", ""},
      {{"shop"}, {}, "shop_rw", "postgres", "shop", ""},
      {{"shop"}, {}, "ro_${user}", "alice", "shop", "ro_alice@shop"},
      {{"shop"}, {}, "ro_${user}", "ro_alice", "shop", "ro_alice@shop"},
      {{"shop"}, {}, "ro_${user}", "ro_bob", "shop", ""},
      {{"shop"}, {}, "${user}", "", "shop", "alice@shop"},
      // as: with roles: accepts those names and still logs in as as:.
      {{"shop"}, {"app_*"}, "shop_rw", "app_1", "shop", "shop_rw@shop"},
      {{"shop"}, {"app_*"}, "shop_rw", "shop_rw", "shop", ""},
      {{"shop"}, {"app_*"}, "shop_rw", "alice", "shop", ""},
      {{"shop"}, {"app_*"}, "shop_rw", "", "shop", ""},
      {{"shop"}, {"${user}"}, "shop_rw", "", "shop", "shop_rw@shop"},
  });
}

TEST_CASE("which databases may be asked for") {
  checkRows({
      // Databases; none named means the name of the role asked for.
      {{"shop", "stats_*"}, {"*"}, "", "x", "stats_1", "x@stats_1"},
      {{"shop", "stats_*"}, {"*"}, "", "x", "Shop", ""},
      {{"shop", "stats_*"}, {"*"}, "", "x", "template1", ""},
      {{"shop"}, {"*"}, "", "shop", "", "shop@shop"},
      {{"shop"}, {"*"}, "", "x", "", ""},
      {{"alice"}, {"*"}, "", "", "", "alice@alice"},
      {{"${user}"}, {"*"}, "", "x", "alice", "x@alice"},
      {{"${user}"}, {"*"}, "", "x", "bob", ""},
      {{"${user}_*"}, {"*"}, "", "x", "alice_dev", "x@alice_dev"},
      // Leaving one out is never "all".
      {{}, {"*"}, "", "x", "shop", ""},
      {{"*"}, {}, "", "x", "shop", ""},
      // In place of conditions no identity has a name.
      {{"*"}, {}, "${identity}", "", "shop", ""},
  });
}

TEST_CASE("guarded and over-long names") {
  const std::string long_name(64, 'x');
  checkRows({
      // A pattern never yields a name in never_roles; an exact name may.
      {{"*"}, {"*"}, "", "postgres", "shop", ""},
      {{"*"}, {"*"}, "", "pg_read_all_data", "shop", ""},
      {{"*"}, {"*", "postgres"}, "", "postgres", "shop", "postgres@shop"},
      {{"*"}, {"pg_*"}, "", "pg_monitor", "shop", ""},
      {{"*"}, {"pg_monitor"}, "", "pg_monitor", "shop", "pg_monitor@shop"},
      {{"*"}, {}, "postgres", "", "shop", "postgres@shop"},
      {{"*"}, {}, "pg_${user}", "", "shop", ""},
      {{"*"}, {"*"}, "", "Postgres", "shop", "Postgres@shop"},
      // Names over 63 bytes are refused, not cut.
      {{"*"}, {"*"}, "", long_name.c_str(), "shop", ""},
      {{"*"}, {"*"}, "", "x", long_name.c_str(), ""},
      {{"*"}, {"*"}, "", long_name.c_str() + 1, "shop", long_name.substr(1) + "@shop"},
      {{"*"}, {}, std::string(60, 'a') + "${user}", "", "shop", ""},
  });
}

TEST_CASE(
    "default_database comes before the role's name, and database_as is what the backend sees") {
  config::PolicyRule rule = ruleWith({"shop"}, {"*"}, "");
  rule.default_database = "shop";
  CHECK(outcome(rule, alice(), "x", "") == "x@shop");
  CHECK(outcome(rule, alice(), "x", "other").empty());
  rule.database_as = "shop_v2";
  CHECK(outcome(rule, alice(), "x", "") == "x@shop_v2");
  CHECK(outcome(rule, alice(), "x", "shop") == "x@shop_v2");
  CHECK(outcome(rule, alice(), "x", "shop_v2").empty());
  rule.default_database = "elsewhere";
  CHECK(outcome(rule, alice(), "x", "").empty());
}

TEST_CASE("a rule's own never_roles are added to those of the configuration") {
  config::PolicyRule rule = ruleWith({"*"}, {"*", "boss"}, "");
  rule.never_roles = {"boss", "secret_*"};
  CHECK(outcome(rule, alice(), "secret_1", "shop").empty());
  CHECK(outcome(rule, alice(), "boss", "shop") == "boss@shop");
  CHECK(outcome(rule, alice(), "postgres", "shop").empty());
  CHECK(outcome(rule, alice(), "x", "shop") == "x@shop");
  rule.roles.clear();
  rule.as = "secret_${user}";
  CHECK(outcome(rule, alice(), "", "shop").empty());
}

TEST_CASE("an account named like a privileged role gets nothing from a template (check 43)") {
  config::PolicyRule rule = allow("rule", anyone());
  const Identity postgres = peer(70, "postgres");
  CHECK(outcome(rule, postgres, "", "shop").empty());
  rule.roles = {"${user}"};
  CHECK(outcome(rule, postgres, "postgres", "shop").empty());
  rule.roles.clear();
  rule.as = "${user}";
  CHECK(outcome(rule, postgres, "postgres", "shop").empty());
  CHECK(outcome(rule, postgres, "", "shop").empty());
}

TEST_CASE("odd and unknown account names never get into a name (check 42)") {
  config::PolicyRule rule = allow("rule", anyone());
  rule.roles.clear();
  rule.as = "${user}";
  for (const char* odd : {"", "Odd", "a$b", "a\"b", "a'; drop", "dom\\a", "a@b", "1a"}) {
    CAPTURE(odd);
    CHECK(outcome(rule, peer(1004, odd), "", "shop").empty());
    CHECK(outcome(rule, peer(1004, odd), odd, "shop").empty());
  }
  CHECK(outcome(rule, peer(1004, std::string(64, 'a')), "", "shop").empty());
}

TEST_CASE("without an account name only what does not need it is granted") {
  const Identity nameless = peer(1001);
  config::PolicyRule rule = ruleWith({"shop"}, {}, "shop_rw");
  CHECK(outcome(rule, nameless, "", "shop") == "shop_rw@shop");
  CHECK(outcome(rule, nameless, "shop_rw", "shop") == "shop_rw@shop");
  CHECK(outcome(rule, nameless, "alice", "shop").empty());
  CHECK(outcome(rule, nameless, "", "").empty());
  CHECK(outcome(ruleWith({"*"}, {"*"}, ""), nameless, "", "shop").empty());
  CHECK(outcome(ruleWith({"*"}, {"*"}, ""), nameless, "x", "shop") == "x@shop");
}

TEST_CASE("the name of the identity that matched can be used") {
  config::PolicyRule rule = ruleWith({"*"}, {}, "${identity}_rw");
  rule.who = {};
  rule.who.identities = {"people"};
  CHECK(outcome(rule, alice(), "", "shop") == "people_rw@shop");
}

TEST_CASE("an over-long account name is no role") {
  CHECK(outcome(allow("rule", anyone()), peer(1, std::string(64, 'a')), "", "shop").empty());
}

}  // namespace
}  // namespace peerpool::auth
