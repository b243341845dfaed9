// Accounts that a rule names in vain.

#include "auth/dead_names.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Texts = std::vector<std::string>;

Texts problems(const config::Config& config) {
  FakeAccounts accounts;
  config::Diagnostics out;
  checkDeadNames(config, accounts, FakeFiles(), out);
  return texts(out);
}

config::Config asTheUser(const char* account, const std::string& as) {
  config::PolicyRule rule = allow("r", who(user(account)));
  rule.as = as;
  rule.roles.clear();
  return configOf({rule});
}

TEST_CASE("an account that never: denies cannot be named in an allow") {
  config::Config config = configOf({allow("r", who(user("alice")))});
  config::PolicyRule never = deny("no alice", who(user("alice")));
  never.listeners.clear();
  config.never = {never};
  CHECK(problems(config) == Texts{"error rules[0]: rule \"r\" can never let in user alice: "
                                  "\"no alice\" of never: denies it"});
  config.never.front().dry_run = true;
  CHECK(problems(config).empty());
  config.never.front() = deny("no bob", who(user("bob")));
  CHECK(problems(config).empty());
}

TEST_CASE("what never: says of a process denies nobody for certain") {
  config::Config config = configOf({allow("r", who(user("alice")))});
  config::Matcher in_unit = user("alice");
  in_unit.process.units = {{"cron.service", {}}};
  config.never = {deny("no cron", who(in_unit))};
  CHECK(problems(config).empty());
}

TEST_CASE("an account whose own name can be no role is told, and a prefix helps") {
  CHECK(problems(asTheUser("postgres", "${user}")) ==
        Texts{"error rules[0]: rule \"r\" can never let in user postgres: it would be the role "
              "\"postgres\", and never_roles has \"postgres\""});
  CHECK(problems(asTheUser("Odd", "${user}")).size() == 1);
  CHECK(problems(asTheUser("postgres", "ro_${user}")).empty());
  CHECK(problems(asTheUser("alice", "${user}")).empty());
  CHECK(problems(asTheUser("postgres", "shop")).empty());
}

}  // namespace
}  // namespace peerpool::auth
