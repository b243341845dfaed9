// explain by a reference, and of peers in a described process.

#include "proxy/server/explain_reference.h"

#include <catch2/catch.hpp>

#include "proxy/observe/audit_line.h"
#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "tests/proxy/server/policy_scene.h"

namespace peerpool::server {
namespace {

constexpr char kRules[] =
    "  - { name: alice, allow: { user: alice, systemd_unit: web.service }, listener: pg, "
    "databases: "
    "[shop], roles: [rw] }\n"
    "  - { name: bob, allow: { user: bob }, listener: pg, databases: [shop], "
    "roles: [rw] }\n";

std::string line(AuditAction action, const std::string& reference, std::uint32_t uid,
                 const std::string& rule = "default") {
  AuditEvent event;
  event.action = action;
  event.reference = reference;
  event.peer = AuditPeer{uid, uid, 42, "alice"};
  event.peer->process.cgroup = "/system.slice/web.service";
  event.listener = "pg";
  event.database = "shop";
  event.role_requested = "rw";
  event.rule = rule;
  event.where = rule == "default" ? "" : "old.yaml:3:5";
  event.reason = "no rule of listener \"pg\" lets it in";
  return observe::auditLine(event, 1, *config::parseInstant("2026-11-24T12:00Z"), {"i", 1}) + '\n';
}

Ran explain(const PolicyScene& scene, std::vector<std::string> arguments,
            const std::string& top = "") {
  arguments.insert(arguments.begin(), {"explain", "--config", scene.write("p.yaml", kRules, top)});
  return scene.run(
      arguments, [](const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
                    const auto&, std::ostream& out,
                    std::ostream& err) { return runExplain(options, accounts, files, out, err); });
}

TEST_CASE("A reference leads to what was decided then, and to what is decided now") {
  const PolicyScene scene;
  const std::string log = scene.directory / "audit.jsonl";
  testing::writeFile(log, line(AuditAction::ConnectionStarted, "K7Q2", 1000) +
                              line(AuditAction::LoginDenied, "K7Q2", 1000, "none") +
                              line(AuditAction::LoginDenied, "K7Q3", 4242) + "garbage K7Q2\n" +
                              line(AuditAction::SessionEnded, "K7Q2", 1000));
  const Ran ran = explain(scene, {"--reference", "K7Q2", log});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out,
                 "event K7Q2: login-denied at 2026-11-24T12:00:00.000Z (audit.jsonl:2)\n"
                 "peer then: user alice, uid 1000, gid 1000, pid 42, cgroup "
                 "/system.slice/web.service, unit web.service\n"
                 "asked for then: listener pg, database \"shop\", role \"rw\"\n"
                 "decision then: denied by rule \"none\" (old.yaml:3:5)\n"
                 "  no rule of listener"));
  CHECK(
      contains(ran.out,
               "for the time of the event:\n"
               "peer: user alice, uid 1000, gid 1000, groups 1000 1200, pid 42, unit web.service, "
               "slice system.slice, container none\n"));
  CHECK(contains(ran.out, "decision at login: allowed by rule \"alice\" (p.yaml:7:5)\n"));
  const Ran denied = explain(scene, {"--reference", "K7Q3", log});
  CHECK(denied.code == kExitDenied);
}

TEST_CASE("The log of the configuration is searched when none is named") {
  const PolicyScene scene;
  const std::string log = scene.directory / "audit.jsonl";
  testing::writeFile(log, line(AuditAction::LoginDenied, "K7Q2", 1000));
  const std::string top = "audit: { to: \"file:" + log + "\" }\n";
  CHECK(explain(scene, {"--reference", "K7Q2"}, top).code == kExitOk);
  const Ran unnamed = explain(scene, {"--reference", "K7Q2"});
  CHECK(unnamed.code == kExitNoInput);
  CHECK(contains(unnamed.err, "names no audit file"));
}

TEST_CASE("A reference that no log has is no input") {
  const PolicyScene scene;
  const std::string log = scene.directory / "audit.jsonl";
  testing::writeFile(log, line(AuditAction::LoginDenied, "K7Q2", 1000));
  const Ran unknown = explain(scene, {"--reference", "K7Q", log});
  CHECK(unknown.code == kExitNoInput);
  CHECK(contains(unknown.err, "no event of these logs has the reference \"K7Q\""));
  CHECK(explain(scene, {"--reference", "K7Q2", log + ".1"}).code == kExitNoInput);
}

TEST_CASE("explain takes a described process for a peer") {
  const PolicyScene scene;
  const std::vector<std::string> alice{"--listener", "pg",   "--user", "alice",
                                       "--database", "shop", "--role", "rw"};
  CHECK(explain(scene, alice).code == kExitDenied);
  std::vector<std::string> in_unit = alice;
  in_unit.insert(in_unit.end(), {"--unit", "web.service"});
  const Ran ran = explain(scene, in_unit);
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitOk);
  std::vector<std::string> other = alice;
  other.insert(other.end(), {"--unit", "api.service"});
  CHECK(explain(scene, other).code == kExitDenied);
}

TEST_CASE("A described container is one for the listener too") {
  const PolicyScene scene;
  const std::string container = GENERATE("any", "docker");
  const Ran ran = explain(scene, {"--listener", "pg", "--user", "bob", "--database", "shop",
                                  "--role", "rw", "--container", container});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitDenied);
  CHECK(contains(ran.out, "containers: deny"));
}

}  // namespace
}  // namespace peerpool::server
