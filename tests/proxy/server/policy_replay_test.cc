// policy replay: what an audit log tells of, decided anew.

#include "proxy/server/policy_replay.h"

#include <catch2/catch.hpp>

#include "proxy/observe/audit_line.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_commands.h"
#include "tests/proxy/server/policy_scene.h"

namespace peerpool::server {
namespace {

constexpr char kRules[] =
    "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw] }\n"
    "  - { name: day, allow: { group: dba }, listener: pg, databases: [stats], roles: [ro], when: "
    "{ "
    "days: mon-fri, hours: \"07:00-20:00\", timezone: UTC } }\n"
    "  - { name: unit, allow: { user: bob, systemd_unit: web.service }, listener: pg, databases: "
    "[shop], roles: [rw] }\n";

/// As peerpool would write it, on a Tuesday at `hour`.
std::string line(AuditAction action, std::uint32_t uid, const std::string& database,
                 const std::string& role, const std::string& rule, int hour = 12,
                 const std::string& unit = "") {
  AuditEvent event;
  event.action = action;
  event.reference = "R" + std::to_string(uid);
  event.peer = AuditPeer{uid, uid, 42, ""};
  event.peer->process.cgroup = unit.empty() ? "" : "/system.slice/" + unit;
  event.listener = "pg";
  event.database = database;
  event.role_requested = role;
  event.role_granted = action == AuditAction::LoginAllowed ? role : "";
  event.rule = rule;
  event.reason = action == AuditAction::LoginDenied ? "no rule of listener \"pg\" lets it in" : "";
  const config::Instant tuesday = *config::parseInstant("2026-11-24");
  return observe::auditLine(event, 1, tuesday + std::chrono::hours(hour), {"i", 1}) + '\n';
}

Ran replay(const std::string& log, const std::string& rules = kRules) {
  const PolicyScene scene;
  const std::string config = scene.write("p.yaml", rules);
  const std::string file = scene.directory / "audit.jsonl";
  testing::writeFile(file, log);
  return scene.run(
      {"policy", "replay", "--config", config, file},
      [](const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
         const auto&, std::ostream& out,
         std::ostream& err) { return runPolicyReplay(options, accounts, files, out, err); });
}

TEST_CASE("Nothing changes under the policy that decided") {
  const Ran ran =
      replay(line(AuditAction::LoginAllowed, 1000, "shop", "rw", "alice") +
             line(AuditAction::LoginDenied, 1001, "shop", "rw", "default") +
             line(AuditAction::LoginAllowed, 1001, "shop", "rw", "unit", 12, "web.service") +
             line(AuditAction::ConnectionDenied, 4242, "", "", "default"));
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out, "decided anew: 4, changed: 0, the same by another rule: 0\n"));
  CHECK(ran.err.empty());
}

TEST_CASE("Changed answers share a line, with a number and an example") {
  const std::string bob = line(AuditAction::LoginDenied, 1001, "shop", "rw", "default");
  const Ran ran = replay(bob + bob + line(AuditAction::LoginAllowed, 1000, "shop", "rw", "alice"),
                         "  - { name: all, allow: anyone, listener: pg, databases: [shop], roles: "
                         "[rw] }\n");
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDifferent);
  CHECK(
      contains(ran.out,
               "bob (uid 1001) through listener pg, database \"shop\", role \"rw\": was denied by "
               "rule \"default\", now allowed as role \"rw\" by rule \"all\"; 2 times, as ref "
               "R1001\n"));
  CHECK(contains(ran.out, "decided anew: 3, changed: 2, the same by another rule: 1\n"));
}

TEST_CASE("Time, groups and role of the line count") {
  // alice is in dba, at noon and at night.
  const Ran ran = replay(line(AuditAction::LoginAllowed, 1000, "stats", "ro", "day", 12) +
                         line(AuditAction::LoginAllowed, 1000, "stats", "ro", "day", 23));
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out, "decided anew: 2, changed: 1,"));
  CHECK(contains(ran.out, "now denied by rule \"default\"; 1 time, as ref R1000\n"));
  const Ran role = replay(line(AuditAction::LoginAllowed, 1000, "shop", "rw", "alice"),
                          "  - { name: alice, allow: { user: alice }, listener: pg, databases: "
                          "[shop], roles: [rw], as: ro }\n");
  CHECK(contains(role.out,
                 "was allowed as role \"rw\" by rule \"alice\", now allowed as role "
                 "\"ro\" by rule \"alice\""));
}

TEST_CASE("Who was shut out at accept would come through") {
  const Ran ran = replay(line(AuditAction::ConnectionDenied, 4242, "", "", "default"),
                         "  - { name: all, allow: anyone, listener: pg, databases: [shop], roles: "
                         "[rw] }\n");
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDifferent);
  CHECK(contains(ran.out,
                 "uid 4242 through listener pg: was denied at accept by rule \"default\", "
                 "now let through to login"));
}

TEST_CASE("Broken lines are named, counted, and keep nobody from the rest") {
  const Ran ran =
      replay("garbage\n" + line(AuditAction::LoginAllowed, 1000, "shop", "rw", "alice") +
             "{\"event.action\":\"login-allowed\"}\n{\"cut\":");
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out, "decided anew: 1,"));
  CHECK(contains(ran.err, "audit.jsonl:1: it is no JSON object\n"));
  CHECK(contains(ran.err, "audit.jsonl:3: it has no peer or no listener\n"));
  CHECK(contains(ran.err, "broken lines: 3\n"));
}

TEST_CASE("A log that is not there is no input") {
  const PolicyScene scene;
  const std::string config = scene.write("p.yaml", kRules);
  const Ran ran =
      scene.run({"policy", "replay", "--config", config, scene.directory / "none"},
                [](const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
                   const auto&, std::ostream& out, std::ostream& err) {
                  return runPolicyReplay(options, accounts, files, out, err);
                });
  CHECK(ran.code == kExitNoInput);
}

}  // namespace
}  // namespace peerpool::server
