// Accounts that are let in before the deny that names them.

#include "auth/late_denies.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Rules = std::vector<config::PolicyRule>;
using Texts = std::vector<std::string>;

Texts problems(Rules rules, bool broken = false) {
  FakeAccounts accounts;
  accounts.broken = broken;
  config::Diagnostics out;
  checkLateDenies(configOf(std::move(rules)), accounts, FakeFiles(), out);
  return texts(out);
}

config::PolicyRule dbasTo(const char* database) {
  config::PolicyRule rule = allow("dbas", who(group("dba")));
  rule.databases = {database};
  return rule;
}

config::PolicyRule from(config::PolicyRule deny, const char* database) {
  deny.databases = {database};
  return deny;
}

const Texts kLate{
    "warning rules[1]: this deny comes too late for user alice on pg: the allow \"dbas\" at "
    "policy.yaml:10:5 lets it in"};

TEST_CASE("a deny behind an allow for the group of its account comes too late") {
  const config::PolicyRule no_alice = deny("no alice", who(user("alice")));
  CHECK(problems({dbasTo("*"), no_alice}) == kLate);
  CHECK(problems({dbasTo("shop"), no_alice}) == kLate);
  CHECK(problems({dbasTo("shop"), from(no_alice, "shop")}) == kLate);
  CHECK(problems({no_alice, dbasTo("*")}).empty());
}

TEST_CASE("of several accounts only those are told whom the allow means") {
  const config::PolicyRule both = deny("no", who(anyOf({user("alice"), user("bob")})));
  CHECK(problems({dbasTo("*"), both}) == kLate);
  CHECK(problems({dbasTo("*"), deny("no", who(user("bob")))}).empty());
}

TEST_CASE("a deny between two allows for its account says what the second must not give") {
  const config::PolicyRule no_alice = deny("no alice", who(user("alice")));
  const config::PolicyRule to_all = allow("all", who(notOf(user("bob"))));
  CHECK(problems({dbasTo("shop"), no_alice, to_all}).empty());
  CHECK(problems({dbasTo("*"), no_alice, to_all}) == kLate);
  CHECK(problems({dbasTo("shop"), from(no_alice, "shop"), to_all}) == kLate);
  CHECK(problems({dbasTo("shop"), no_alice, allow("carol", who(user("carol")))}) == kLate);
}

TEST_CASE("a deny of roles is late when the allow gives all of them") {
  config::PolicyRule roles = deny("no dba", who(user("alice")));
  roles.roles = {"dba"};
  config::PolicyRule dbas = dbasTo("*");
  const config::PolicyRule all = allow("all", anyone());
  CHECK(problems({dbas, roles, all}).empty());
  dbas.roles = {"dba", "shop"};
  CHECK(problems({dbas, roles, all}) == kLate);
  dbas.as = "dba";
  CHECK(problems({dbas, roles, all}).empty());
}

TEST_CASE("an allow for some hours does not take all") {
  config::PolicyRule daily = dbasTo("*");
  daily.when.emplace_back();
  const config::PolicyRule no_alice = deny("no alice", who(user("alice")));
  CHECK(problems({daily, no_alice, allow("all", anyone())}).empty());
}

TEST_CASE("a deny at the end may be there for its reason") {
  config::PolicyRule with_reason = deny("no alice", who(user("alice")));
  with_reason.reason = "ask the DBA team";
  CHECK(problems({dbasTo("shop"), with_reason}).empty());
  CHECK(problems({dbasTo("*"), with_reason}) == kLate);
}

TEST_CASE("what decides nothing makes no deny late and is never late") {
  config::PolicyRule no_alice = deny("no alice", who(user("alice")));
  config::PolicyRule dry = dbasTo("*");
  dry.dry_run = true;
  CHECK(problems({dry, no_alice}).empty());
  config::PolicyRule elsewhere = dbasTo("*");
  elsewhere.listeners = {"other"};
  CHECK(problems({elsewhere, no_alice}).empty());
  config::Matcher in_unit = group("dba");
  in_unit.process.units = {{"cron.service", {}}};
  CHECK(problems({allow("cron", who(in_unit)), no_alice}).empty());
  no_alice.dry_run = true;
  CHECK(problems({dbasTo("*"), no_alice}).empty());
}

TEST_CASE("an account that cannot be looked up is not guessed at") {
  CHECK(problems({dbasTo("*"), deny("no alice", who(user("alice")))}, true).empty());
}

TEST_CASE("a deny of the account in one unit is late for the account all the same") {
  config::Matcher in_unit = user("alice");
  in_unit.process.units = {{"cron.service", {}}};
  CHECK(problems({dbasTo("*"), deny("no cron", who(in_unit))}) == kLate);
}

}  // namespace
}  // namespace peerpool::auth
