// The lines of the audit log.

#include "proxy/observe/audit_line.h"

#include <catch2/catch.hpp>

namespace peerpool::observe {
namespace {

using std::chrono::system_clock;

const AuditOrigin kOrigin{"0011aabb", 77};

AuditEvent login() {
  AuditEvent event;
  event.action = AuditAction::LoginAllowed;
  event.reference = "7f3a";
  event.generation = 3;
  event.peer = AuditPeer{1000, 1001, 4242, "alice"};
  event.listener = "pg";
  event.address = "/run/peerpool/.s.PGSQL.5432";
  event.backend = "main";
  event.rule = "web to shop";
  event.where = "peerpool.yaml:12:5";
  event.database = "shop";
  event.role_requested = "alice";
  event.role_granted = "shop_rw";
  return event;
}

TEST_CASE("A login has who, where, what was asked for, what was granted and by which rule") {
  CHECK(auditLine(login(), 5, system_clock::time_point{}, kOrigin) ==
        "{\"@timestamp\":\"1970-01-01T00:00:00.000Z\",\"ecs.version\":\"8.11.0\","
        "\"event.kind\":\"event\",\"event.category\":[\"authentication\"],"
        "\"event.type\":[\"start\",\"allowed\"],\"event.action\":\"login-allowed\","
        "\"event.outcome\":\"success\",\"event.sequence\":5,\"event.id\":\"7f3a\","
        "\"service.type\":\"peerpool\",\"service.ephemeral_id\":\"0011aabb\","
        "\"user.id\":\"1000\",\"user.name\":\"alice\",\"user.group.id\":\"1001\","
        "\"process.pid\":4242,\"network.transport\":\"unix\","
        "\"server.address\":\"/run/peerpool/.s.PGSQL.5432\",\"peerpool.listener\":\"pg\","
        "\"rule.name\":\"web to shop\",\"peerpool.rule_location\":\"peerpool.yaml:12:5\","
        "\"peerpool.backend\":\"main\",\"peerpool.database\":\"shop\","
        "\"peerpool.role_requested\":\"alice\",\"peerpool.role_granted\":\"shop_rw\","
        "\"peerpool.generation\":3,\"message\":\"login allowed\"}");
}

TEST_CASE("A process that was looked at has its unit, and one that was not has nothing") {
  AuditEvent event = login();
  CHECK(auditLine(event, 5, system_clock::time_point{}, kOrigin).find("peerpool.process") ==
        std::string::npos);
  event.peer->process = {
      "/system.slice/web.service", "web.service", "", "system.slice", "none", "/usr/bin/web"};
  CHECK(auditLine(event, 5, system_clock::time_point{}, kOrigin)
            .find("\"process.pid\":4242,\"process.executable\":\"/usr/bin/web\","
                  "\"peerpool.process.cgroup\":\"/system.slice/web.service\","
                  "\"peerpool.process.unit\":\"web.service\","
                  "\"peerpool.process.slice\":\"system.slice\","
                  "\"peerpool.process.container\":\"none\"") != std::string::npos);
}

TEST_CASE("What a peer sent is never raw and adds neither line nor key") {
  AuditEvent event = login();
  event.action = AuditAction::LoginDenied;
  event.database = "x\",\"event.outcome\":\"success\n{}";
  event.role_requested = "\x1b]0;\xe2\x80\xae\xff\\";
  event.dry_run = {"allow: \"q\"", "deny: b"};
  const std::string line = auditLine(event, 1, system_clock::time_point{}, kOrigin);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('\xff') == std::string::npos);
  CHECK(line.find("\xe2\x80\xae") == std::string::npos);
  CHECK(line.find(R"("peerpool.database":"x\",\"event.outcome\":\"success\\n{}")") !=
        std::string::npos);
  CHECK(line.find(R"("peerpool.role_requested":"\\x1b]0;\\u{202e}\\xff\\")") != std::string::npos);
  CHECK(line.find(R"("peerpool.dry_run":["allow: \"q\"","deny: b"])") != std::string::npos);
  CHECK(line.find(R"("event.outcome":"failure")") != std::string::npos);
}

TEST_CASE("A session's end has its duration in nanoseconds, a start our own process") {
  AuditEvent end;
  end.action = AuditAction::SessionEnded;
  end.duration = std::chrono::milliseconds(1500);
  end.reason = "terminated";
  const std::string ended = auditLine(end, 1, system_clock::time_point{}, kOrigin);
  CHECK(ended.find("\"event.duration\":1500000000,") != std::string::npos);
  CHECK(ended.find("\"event.type\":[\"end\"]") != std::string::npos);
  AuditEvent start;
  start.action = AuditAction::ServiceStarted;
  const std::string started = auditLine(start, 1, system_clock::time_point{}, kOrigin);
  CHECK(started.find("\"process.pid\":77") != std::string::npos);
  CHECK(started.find("user.id") == std::string::npos);
  CHECK(started.find("server.address") == std::string::npos);
}

TEST_CASE("An event that stands for a storm has its number, and of the peers what they share") {
  AuditEvent event;
  event.action = AuditAction::ConnectionDenied;
  event.peer = AuditPeer{61001, 0, 0, {}};
  event.listener = "pg";
  event.rule = "no root";
  event.storm = 4321;
  const std::string line = auditLine(event, 1, system_clock::time_point{}, kOrigin);
  CHECK(line.find("\"user.id\":\"61001\"") != std::string::npos);
  CHECK(line.find("\"peerpool.events\":4321") != std::string::npos);
  CHECK(line.find("process.pid") == std::string::npos);
  CHECK(line.find("user.group.id") == std::string::npos);
}

TEST_CASE("Every action has a name of its own") {
  std::string all;
  for (int action = 0; action <= static_cast<int>(AuditAction::EventsLost); ++action) {
    AuditEvent event;
    event.action = static_cast<AuditAction>(action);
    const std::string line = auditLine(event, 1, system_clock::time_point{}, kOrigin);
    const std::size_t begin = line.find("\"event.action\":\"");
    const std::string name = line.substr(begin, line.find(',', begin) - begin);
    CHECK(all.find(name) == std::string::npos);
    all += name;
  }
}

}  // namespace
}  // namespace peerpool::observe
