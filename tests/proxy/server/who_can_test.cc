// who-can: the way from a database back to people.

#include "proxy/server/who_can.h"

#include <catch2/catch.hpp>

#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "tests/proxy/server/policy_scene.h"

namespace peerpool::server {
namespace {

constexpr char kRules[] =
    "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw, ro] "
    "}\n"
    "  - { name: dba, allow: { group: dba }, listener: pg, databases: [\"*\"], as: boss, limits: { "
    "query: 5s }, when: { days: mon-fri, hours: \"07:00-20:00\", timezone: UTC } }\n"
    "  - { name: unit, allow: { user: bob, systemd_unit: web.service }, listener: pg, databases: "
    "[stats], as: stats_ro }\n"
    "  - { name: all, allow: anyone, listener: pg, databases: [public], as: \"${user}\" }\n";

Ran whoCan(std::vector<std::string> arguments, const std::string& rules = kRules,
           const std::string& top = "") {
  const PolicyScene scene;
  arguments.insert(arguments.begin(),
                   {"who-can", "--config", scene.write("p.yaml", rules, top), "--database"});
  return scene.run(arguments, runWhoCan);
}

TEST_CASE("A database is traced back to accounts, groups and their rules") {
  const Ran ran = whoCan({"shop"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out,
                 "through listener pg as role \"rw\" by rule \"alice\" (p.yaml:7:5):\n"
                 "  alice\n    for { user: alice }\n"));
  CHECK(contains(ran.out, "as role \"ro\" by rule \"alice\""));
  CHECK(contains(ran.out,
                 "as role \"boss\" by rule \"dba\" (p.yaml:8:5):\n"
                 "  alice, somebody in group dba\n    for { group: dba }\n"
                 "    limits.query: 5s, when: mon-fri 07:00-20:00 UTC\n    pool."));
  CHECK_FALSE(contains(ran.out, "bob"));
  CHECK_FALSE(contains(ran.out, "nothing names"));
}

TEST_CASE("A process that a rule demands is told") {
  const Ran ran = whoCan({"stats", "--listener", "pg"});
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "by rule \"unit\" (p.yaml:9:5):\n  bob in unit web.service\n"
                 "    for { user: bob, systemd_unit: web.service }\n"));
}

TEST_CASE("What everybody may is told of somebody whom nothing names") {
  const Ran ran = whoCan({"public"});
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out,
                 "as the role of their own name by rule \"all\" (p.yaml:10:5):\n"
                 "  somebody whom nothing names, bob\n    for anyone\n"));
  // Those whom an earlier rule lets in at other times.
  CHECK(contains(ran.out,
                 "by rule \"all\" (p.yaml:10:5), at times like Mon 00:00:\n"
                 "  alice, somebody in group dba\n"));
}

TEST_CASE("With --role those are asked for who become that role") {
  const Ran ran = whoCan({"shop", "--role", "boss"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  CHECK_FALSE(contains(ran.out, "rule \"alice\""));
  CHECK(contains(ran.out, "rule \"dba\""));
  const Ran any = whoCan({"x", "--role", "whatever"},
                         "  - { name: any, allow: { user: bob }, listener: pg, databases: [\"*\"], "
                         "roles: [\"*\"] }\n");
  CHECK(contains(any.out, "as role \"whatever\" by rule \"any\" (p.yaml:7:5):\n  bob\n"));
  const Ran unnamed = whoCan({"x"},
                             "  - { name: any, allow: { user: bob }, listener: pg, databases: "
                             "[\"*\"], roles: [\"ro_*\"] }\n");
  CHECK(contains(unnamed.out, "as roles like \"ro_*\" by rule \"any\""));
}

TEST_CASE("Whom a template makes the name of is asked about, though no rule names him") {
  const std::string rules =
      "  - { name: own, allow: anyone, listener: pg, databases: [\"${user}\"], as: \"${user}\" }\n"
      "  - { name: ci, allow: { user: bob, systemd_unit: \"ci@*.service\" }, listener: pg, "
      "databases: [\"ci_${unit_instance}_db\"], as: \"r_${unit_instance}\" }\n";
  const Ran account = whoCan({"alice"}, rules);
  INFO(account.out << account.err);
  CHECK(account.code == kExitOk);
  CHECK(contains(account.out, "by rule \"own\" (p.yaml:7:5):\n  alice\n"));
  const std::string in_unit =
      "as role \"r_web\" by rule \"ci\" (p.yaml:8:5):\n"
      "  bob in unit ci@web.service\n";
  const Ran database = whoCan({"ci_web_db"}, rules);
  INFO(database.out << database.err);
  CHECK(contains(database.out, in_unit));
  const Ran role = whoCan({"ci_web_db", "--role", "r_web"}, rules);
  CHECK(contains(role.out, in_unit));
  const Ran any_unit = whoCan({"x", "--role", "r_web"},
                              "  - { name: any, allow: { user: bob }, listener: pg, databases: "
                              "[x], as: \"r_${unit_instance}\" }\n");
  CHECK(
      contains(any_unit.out, "by rule \"any\" (p.yaml:7:5):\n  bob in unit example@web.service\n"));
  CHECK(whoCan({"ci_web_db", "--role", "r_shop"}, rules).code == kExitDenied);
  CHECK(whoCan({"ci__db"}, rules).code == kExitDenied);
  CHECK(whoCan({"ci_web"}, rules).code == kExitDenied);
}

TEST_CASE("Nobody is an answer, and an exit code") {
  const Ran ran = whoCan({"secret", "--role", "ro"});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDenied);
  CHECK(contains(ran.out,
                 "nobody of those who were asked about may use database \"secret\" as "
                 "role \"ro\"\n"));
  const Ran audit =
      whoCan({"secret", "--role", "ro"}, kRules, "mode: audit\naudit_until: 2199-12-31\n");
  CHECK(contains(audit.out, "mode: audit lets in others as themselves until 2199-12-31"));
}

TEST_CASE("A listener that is not there is a mistake of the command line") {
  const Ran ran = whoCan({"shop", "--listener", "pq"});
  CHECK(ran.code == kExitUsage);
  CHECK(contains(ran.err, "peerpool who-can: there is no listener \"pq\""));
}

}  // namespace
}  // namespace peerpool::server
