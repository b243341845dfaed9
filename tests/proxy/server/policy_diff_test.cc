// policy diff: who gains and who loses what, in words.

#include <catch2/catch.hpp>

#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "proxy/server/policy_difference.h"
#include "proxy/server/policy_loader.h"
#include "tests/proxy/server/policy_scene.h"

namespace peerpool::server {
namespace {

constexpr char kAlice[] =
    "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw] }\n";

/// The differences between two policies that have these rules.
Ran diff(const std::string& before, const std::string& after, const std::string& top_before = "",
         const std::string& top_after = "") {
  const PolicyScene scene;
  const std::string old_file = scene.write("old.yaml", before, top_before);
  const std::string new_file = scene.write("new.yaml", after, top_after);
  return scene.run({"policy", "diff", old_file, new_file}, runPolicyDiff);
}

TEST_CASE("Equal policies do not differ, wherever their rules stand") {
  const Ran same = diff(kAlice, std::string("  # moved\n") + kAlice);
  INFO(same.out << same.err);
  CHECK(same.code == kExitOk);
  CHECK(contains(same.out, "no difference found, with "));
}

TEST_CASE("Who gains and who loses is told with rule and place") {
  const Ran more = diff(kAlice, std::string(kAlice) +
                                    "  - { name: bob, allow: { user: bob }, listener: pg, "
                                    "databases: [stats], as: ro }\n");
  INFO(more.out << more.err);
  CHECK(more.code == kExitDifferent);
  CHECK(contains(more.out,
                 "+ bob may use database \"stats\" as role \"ro\" through listener pg "
                 "(rule \"bob\", new.yaml:8:5)\n"));
  CHECK_FALSE(contains(more.out, "alice"));
  const Ran less = diff(std::string(kAlice) +
                            "  - { name: b, allow: { user: bob }, listener: pg, "
                            "databases: [stats], as: ro }\n",
                        kAlice);
  CHECK(contains(less.out,
                 "- bob may no longer use database \"stats\" as role \"ro\" through "
                 "listener pg (rule \"b\", old.yaml:8:5)\n"));
}

TEST_CASE("Members of a group, and somebody in it, share a line") {
  const Ran ran = diff(kAlice, std::string(kAlice) +
                                   "  - { name: dba, allow: { group: dba }, listener: pg, "
                                   "databases: [\"st_*\"], roles: [dba] }\n");
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "+ alice, somebody in group dba may use databases like \"st_*\" as role "
                 "\"dba\" through listener pg"));
  CHECK_FALSE(contains(ran.out, "bob"));
}

TEST_CASE("A rule for anyone concerns somebody whom nothing names") {
  const Ran ran = diff(kAlice, std::string(kAlice) +
                                   "  - { name: all, allow: anyone, listener: pg, databases: "
                                   "[\"*\"], roles: [guest] }\n");
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "+ somebody whom nothing names, alice may use any other database as role "
                 "\"guest\" through listener pg"));
}

TEST_CASE("Another role, rule or limit is a change and no gain") {
  const auto [after, expected] = GENERATE(table<std::string, std::string>({
      {"  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw], "
       "as: ro }\n",
       "~ alice: database \"shop\" through listener pg as role \"ro\" instead of role \"rw\" "
       "(rule \"alice\", new.yaml:7:5)\n"},
      {"  - { name: a2, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw] }\n",
       "~ alice: through listener pg by rule \"a2\", new.yaml:7:5: instead of rule \"alice\"\n"},
      {"  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw], "
       "limits: { query: 5s }, pool: { size: 7 } }\n",
       "~ alice: through listener pg by rule \"alice\", new.yaml:7:5: limits.query: 5s instead of "
       "none\n~ alice: through listener pg by rule \"alice\", new.yaml:7:5: pool.size: 7 instead "
       "of 20\n"},
  }));
  const Ran ran = diff(kAlice, after);
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDifferent);
  CHECK(contains(ran.out, expected));
  CHECK_FALSE(contains("\n" + ran.out, "\n+"));
  CHECK_FALSE(contains("\n" + ran.out, "\n-"));
}

TEST_CASE("A demand for a unit takes the right from who is in none") {
  const Ran ran = diff(kAlice,
                       "  - { name: alice, allow: { user: alice, systemd_unit: \"web@*.service\" }"
                       ", listener: pg, databases: [shop], roles: [rw] }\n");
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out, "- alice may no longer use database \"shop\" as role \"rw\""));
  CHECK_FALSE(contains(ran.out, "web@example.service"));
  const Ran back = diff(
      "  - { name: alice, allow: { user: alice, systemd_unit: web.service }, "
      "listener: pg, databases: [shop], roles: [rw] }\n",
      "  - { name: alice, allow: { user: alice, systemd_unit: api.service }, "
      "listener: pg, databases: [shop], roles: [rw] }\n");
  CHECK(contains(back.out, "+ alice in unit api.service may use database \"shop\""));
  CHECK(contains(back.out, "- alice in unit web.service may no longer use database \"shop\""));
}

TEST_CASE("Those who come as themselves share a line, and a change of role is told once") {
  const std::string themselves =
      "  - { name: all, allow: anyone, listener: pg, databases: [\"*\"], as: \"${user}\" }\n";
  const Ran ran = diff(kAlice + themselves, kAlice);
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "- somebody whom nothing names, alice may no longer use any other "
                 "database as the role of their own name through listener pg"));
  const Ran now_as = diff(themselves,
                          "  - { name: a, allow: { user: alice }, listener: pg, databases: [shop], "
                          "as: rw }\n" +
                              themselves);
  INFO(now_as.out);
  CHECK(contains(now_as.out,
                 "~ alice: database \"shop\" through listener pg as role \"rw\" "
                 "instead of the role of their own name (rule \"a\""));
  CHECK_FALSE(contains("\n" + now_as.out, "\n+"));
}

TEST_CASE("A time window takes the right outside of it") {
  const Ran ran = diff(kAlice,
                       "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop],"
                       " roles: [rw], when: { days: mon-fri, hours: \"07:00-20:00\", timezone: UTC "
                       "} }\n");
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "- alice may no longer use database \"shop\" as role \"rw\" through "
                 "listener pg (rule \"alice\", old.yaml:7:5), at times like Mon 00:00\n"));
  CHECK(contains(ran.out, "when: mon-fri 07:00-20:00 UTC instead of none"));
}

TEST_CASE("Listeners, backends and the mode are compared too") {
  const Ran ran = diff(kAlice, kAlice, "never_roles: [postgres]\n",
                       "never_roles: [postgres, boss]\nmode: audit\naudit_until: 2199-12-31\n");
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDifferent);
  CHECK(contains(ran.out, "~ never_roles: postgres, boss instead of postgres\n"));
  CHECK(contains(ran.out, "~ mode: audit until 2199-12-31T00:00:00Z instead of enforce\n"));
}

TEST_CASE("Too many questions are said to be too many") {
  const PolicyScene scene;
  FakeAccounts accounts;
  const auth::SystemFileFacts files;
  const LoadedPolicy loaded = loadPolicy(scene.write("p.yaml", kAlice), accounts, files);
  REQUIRE(loaded.snapshot != nullptr);
  const auth::Policy& policy = loaded.snapshot->policy;
  CHECK_FALSE(comparePolicies(policy, policy, accounts, {}).cut);
  const PolicyDifference cut = comparePolicies(policy, policy, accounts, {}, 3);
  CHECK(cut.cut);
  CHECK(cut.questions <= 3);
}

TEST_CASE("A policy that cannot be used is not compared") {
  const PolicyScene scene;
  const std::string good = scene.write("good.yaml", kAlice);
  const std::string bad = scene.write("bad.yaml", kAlice, "colour: blue\n");
  const Ran broken = scene.run({"policy", "diff", good, bad}, runPolicyDiff);
  CHECK(broken.code == kExitConfiguration);
  CHECK(contains(broken.err, "colour"));
  const std::string none = scene.directory / "none.yaml";
  CHECK(scene.run({"policy", "diff", none, good}, runPolicyDiff).code == kExitNoInput);
}

}  // namespace
}  // namespace peerpool::server
