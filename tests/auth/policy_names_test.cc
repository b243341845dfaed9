// Names are resolved once, when a policy is made, and all that is wrong is told at once.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "auth/name_resolver.h"
#include "config/diagnostics.h"
#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

config::AccountName at(const char* text, std::size_t line) {
  return {text, std::nullopt, {"policy.yaml", line, 7}};
}

std::vector<std::string> mistakes(config::Config config, bool broken = false) {
  FakeAccounts accounts;
  accounts.broken = broken;
  std::vector<std::string> texts;
  try {
    const Policy policy(std::make_shared<const config::Config>(std::move(config)), accounts);
  } catch (const config::InvalidConfig& invalid) {
    for (const config::Diagnostic& diagnostic : invalid.diagnostics()) {
      CHECK(diagnostic.severity == config::Diagnostic::Severity::Error);
      texts.push_back(config::describe(diagnostic.where) + ' ' + diagnostic.path + ' ' +
                      diagnostic.message);
    }
  }
  return texts;
}

TEST_CASE("every unknown name is told with its place and path") {
  config::Matcher matcher;
  matcher.users = {at("dave", 1), name("alice"), at("erin", 2)};
  matcher.groups = {at("staff", 3)};
  config::Matcher nested;
  nested.users = {at("frank", 4)};
  matcher.any = {user("bob"), nested};
  nested.users = {at("grace", 5)};
  matcher.not_all_of = {nested};
  config::Config config = configOf({allow("one", anyone()), allow("two", who(matcher))});
  nested.users = {at("heidi", 6)};
  config.identities.push_back({"web", nested});
  nested.users = {at("ivan", 7)};
  config.never.push_back(never("nobody", who(nested)));
  config::Backend backend;
  backend.name = "main";
  nested.users = {at("judy", 8)};
  backend.expect_peer = nested;
  config.backends.push_back(backend);
  config.listeners[0].owner = at("kim", 9);
  config.listeners[0].group = at("lab", 10);
  config.listeners[0].acl = {{at("mike", 11), false}, {at("ops", 12), true}};
  config::Directory directory;
  directory.path = "/run/peerpool";
  directory.owner = at("nina", 13);
  directory.group = at("qa", 14);
  config.directories.push_back(directory);
  config::PolicyTest test;
  test.user = at("olaf", 15);
  test.groups = {at("rd", 16)};
  config.tests.push_back(test);

  CHECK(mistakes(config) ==
        std::vector<std::string>{
            "policy.yaml:1:7 rules[1].allow.user there is no user named \"dave\"",
            "policy.yaml:2:7 rules[1].allow.user there is no user named \"erin\"",
            "policy.yaml:3:7 rules[1].allow.group there is no group named \"staff\"",
            "policy.yaml:4:7 rules[1].allow.any[1].user there is no user named \"frank\"",
            "policy.yaml:5:7 rules[1].allow.not.user there is no user named \"grace\"",
            "policy.yaml:6:7 identities.web.user there is no user named \"heidi\"",
            "policy.yaml:7:7 never[0].who.user there is no user named \"ivan\"",
            "policy.yaml:8:7 backends.main.expect_peer.user there is no user named \"judy\"",
            "policy.yaml:9:7 listeners.pg.owner there is no user named \"kim\"",
            "policy.yaml:10:7 listeners.pg.group there is no group named \"lab\"",
            "policy.yaml:11:7 listeners.pg.acl there is no user named \"mike\"",
            "policy.yaml:12:7 listeners.pg.acl there is no group named \"ops\"",
            "policy.yaml:13:7 directories./run/peerpool.owner there is no user named \"nina\"",
            "policy.yaml:14:7 directories./run/peerpool.group there is no group named \"qa\"",
            "policy.yaml:15:7 tests[0].user there is no user named \"olaf\"",
            "policy.yaml:16:7 tests[0].groups there is no group named \"rd\""});
}

TEST_CASE(
    "a lookup that fails refuses the configuration and is not called an unknown name (check 12)") {
  const auto texts = mistakes(configOf({allow("one", who(user("alice")))}), true);
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].find("could not look up user \"alice\": no answer") != std::string::npos);
}

TEST_CASE("unknown identities and variables are mistakes too") {
  config::PolicyRule rule = allow("one", {});
  rule.who.identities = {"nowhere"};
  rule.databases = {"${host}"};
  rule.as = "${user";
  const auto texts = mistakes(configOf({rule}));
  REQUIRE(texts.size() == 3);
  CHECK(texts[0].find("there is no identity named \"nowhere\"") != std::string::npos);
  CHECK(texts[1].find("unknown variable ${host}") != std::string::npos);
  CHECK(texts[2].find("without \"}\"") != std::string::npos);
}

TEST_CASE("numbers need no account, and no name is asked for twice or after construction") {
  FakeAccounts accounts;
  config::Matcher numbers;
  numbers.users = {{"", 4242, {}}};
  numbers.groups = {{"", 4343, {}}};
  const Policy policy(std::make_shared<const config::Config>(
                          configOf({allow("a", who(user("alice"))), allow("b", who(user("alice"))),
                                    allow("c", who(numbers))})),
                      accounts);
  CHECK(accounts.lookups == 1);
  accounts.broken = true;
  CHECK(policy.login(alice(), {"pg", "shop", "x"}).rule == "a");
  Identity numbered = peer(4242, "x", {4343});
  CHECK(policy.login(numbered, {"pg", "shop", "x"}).rule == "c");
  CHECK(accounts.lookups == 1);
}

TEST_CASE("an imagined peer has the groups given, or those of its account") {
  FakeAccounts accounts;
  const auto own = imaginedPeer(accounts, name("alice"), std::nullopt);
  REQUIRE(own);
  CHECK(own->known);
  CHECK(own->uid == 1001);
  CHECK(own->user == "alice");
  CHECK(own->inGroup(1001));
  CHECK(own->inGroup(1200));
  const auto given = imaginedPeer(accounts, name("alice"), {{name("clients"), {"", 5, {}}}});
  REQUIRE(given);
  CHECK(given->groups == std::vector<gid_t>{1300, 5});
  CHECK(given->inGroup(1001));
  const auto by_uid = imaginedPeer(accounts, {"", 1002, {}}, std::nullopt);
  REQUIRE(by_uid);
  CHECK(by_uid->user == "bob");
  const auto nameless = imaginedPeer(accounts, {"", 20000, {}}, std::nullopt);
  REQUIRE(nameless);
  CHECK(nameless->known);
  CHECK(nameless->user.empty());
  CHECK(nameless->groups.empty());
  CHECK_FALSE(imaginedPeer(accounts, name("nobody"), std::nullopt)->known);
  CHECK_FALSE(imaginedPeer(accounts, name("dave"), std::nullopt));
  CHECK_FALSE(imaginedPeer(accounts, name("alice"), {{name("staff")}}));
  accounts.broken = true;
  CHECK_FALSE(imaginedPeer(accounts, name("alice"), std::nullopt));
}

}  // namespace
}  // namespace peerpool::auth
