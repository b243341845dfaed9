// The tests: of a configuration, and that a check does all of its parts.

#include "auth/policy_check.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "auth/policy_tests.h"
#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Texts = std::vector<std::string>;

config::PolicyTest expectation(const char* account, const char* role, const char* expect) {
  config::PolicyTest test;
  test.listener = "pg";
  test.user = name(account);
  test.database = "shop";
  test.role = role;
  test.expect = expect;
  test.where = {"policy.yaml", 50, 5};
  return test;
}

Texts outcomes(std::vector<config::PolicyTest> tests, bool broken = false) {
  config::PolicyRule by_group = allow("dba", who(group("dba")));
  by_group.roles = {"dba"};
  config::Config config = configOf({deny("no carol", who(user("carol"))), by_group});
  config.tests = std::move(tests);
  const auto policy = policyOf(std::move(config));
  FakeAccounts accounts;
  accounts.broken = broken;
  config::Diagnostics out;
  runPolicyTests(*policy, accounts, out);
  return texts(out);
}

TEST_CASE("tests that hold say nothing") {
  config::PolicyTest with_groups = expectation("bob", "dba", "dba");
  with_groups.groups = {name("dba")};
  with_groups.groups_given = true;
  config::PolicyTest without_groups = expectation("alice", "dba", "deny");
  without_groups.groups_given = true;
  CHECK(outcomes({expectation("alice", "dba", "dba"), expectation("alice", "x", "deny"),
                  expectation("bob", "dba", "deny"), expectation("carol", "dba", "deny"),
                  with_groups, without_groups})
            .empty());
}

TEST_CASE("a test that fails says what was decided instead") {
  CHECK(outcomes({expectation("alice", "dba", "deny")}) ==
        Texts{"error tests[0]: expected deny, but rule \"dba\" (policy.yaml:10:5) lets it in: uid "
              "1001 (alice) may use database \"shop\" as role \"dba\""});
  CHECK(outcomes({expectation("alice", "x", "dba")}) ==
        Texts{"error tests[0]: expected rule \"dba\", but it is denied: no rule of listener "
              "\"pg\" lets uid 1001 (alice) in with database \"shop\" and role \"x\""});
  CHECK(outcomes({expectation("carol", "x", "dba")}) ==
        Texts{"error tests[0]: expected rule \"dba\", but rule \"no carol\" (policy.yaml:10:5) "
              "denies it: rule \"no carol\" denies uid 1003 (carol)"});
  CHECK(outcomes({expectation("alice", "dba", "other")}).size() == 1);
  // A deny rule lets nobody in, also when it is the one that was named.
  CHECK(outcomes({expectation("carol", "x", "no carol")}).size() == 1);
}

TEST_CASE("a test whose accounts cannot be looked up fails") {
  CHECK(outcomes({expectation("alice", "dba", "dba")}, true) ==
        Texts{"error tests[0]: could not look up user \"alice\": no answer"});
}

TEST_CASE("a check does all of its parts") {
  config::Config config =
      configOf({allow("r", who(user("carol"))), deny("late", who(anyOf({user("carol")})))});
  config.listeners[0].group = name("clients");
  config.listeners[0].mode = 0660;
  config.tests = {expectation("carol", "x", "deny")};
  const auto policy = policyOf(std::move(config));
  FakeAccounts accounts;
  FakeFiles files;
  files.directory("/run/peerpool", kServiceUid, 0, 0777);
  config::Diagnostics out;
  checkPolicy(*policy, accounts, files, service(), out);
  std::string all;
  for (const std::string& text : texts(out)) {
    all += text + '\n';
  }
  CHECK(all.find("may be written by others") != std::string::npos);
  CHECK(all.find("cannot give the socket to it") != std::string::npos);
  CHECK(all.find("lets in user carol, but the socket") != std::string::npos);
  CHECK(all.find("too late for user carol") != std::string::npos);
  CHECK(all.find("expected deny") != std::string::npos);
}

}  // namespace
}  // namespace peerpool::auth
