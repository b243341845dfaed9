// Lines of audit logs, ours and anybody's.

#include "proxy/server/audit_record.h"

#include <catch2/catch.hpp>

#include "auth/process_facts.h"
#include "proxy/observe/audit_line.h"
#include "proxy/server/audit_reader.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

AuditEvent login() {
  AuditEvent event;
  event.action = AuditAction::LoginAllowed;
  event.reference = "K7Q2";
  event.reason = "because \"so\"";
  event.peer = AuditPeer{1000, 1001, 42, "alice"};
  event.peer->process.cgroup = "/system.slice/web@1.service";
  event.peer->process.container = "none";
  event.peer->process.executable = "/usr/bin/psql";
  event.listener = "pg";
  event.rule = "alice";
  event.where = "p.yaml:7:5";
  event.database = "shop";
  event.role_requested = "rw";
  event.role_granted = "ro";
  return event;
}

std::string lineOf(const AuditEvent& event) {
  return observe::auditLine(event, 7, config::Instant(std::chrono::milliseconds(1'700'000'000'123)),
                            {"instance", 1});
}

TEST_CASE("What the audit log writes is read back") {
  const Result<AuditRecord> record = parseAuditRecord(lineOf(login()));
  REQUIRE(record.has_value());
  CHECK(record->answer == RecordedAnswer::Allowed);
  CHECK(record->time == config::Moment(config::Instant(std::chrono::seconds(1'700'000'000))));
  CHECK(record->reference == "K7Q2");
  CHECK(record->reason == "because \"so\"");
  CHECK(record->peer.known);
  CHECK(record->peer.uid == 1000);
  CHECK(record->peer.gid == 1001);
  CHECK(record->peer.pid == 42);
  CHECK(record->peer.user == "alice");
  REQUIRE(record->peer.process != nullptr);
  CHECK(record->peer.process->cgroup.find()->unit == "web@1.service");
  CHECK_FALSE(*record->peer.process->apart.find());
  CHECK(record->peer.process->executable.find()->path == "/usr/bin/psql");
  CHECK(record->listener == "pg");
  CHECK(record->rule == "alice");
  CHECK(record->where == "p.yaml:7:5");
  CHECK(record->database == "shop");
  CHECK(record->role == "rw");
  CHECK(record->role_granted == "ro");
  CHECK(record->events == 1);
}

TEST_CASE("A denial by the policy is told from one for another reason") {
  AuditEvent event = login();
  event.action = AuditAction::LoginDenied;
  const auto [reason, answer] = GENERATE(table<std::string, RecordedAnswer>(
      {{"no rule of listener \"pg\" lets alice in", RecordedAnswer::Denied},
       {"rule \"x\" denies uid 1000", RecordedAnswer::Denied},
       {"role \"x\" has more than 63 bytes", RecordedAnswer::Denied},
       {"the audit log cannot be written", RecordedAnswer::Refused},
       {"rule \"x\" binds sessions to their process", RecordedAnswer::Refused}}));
  event.reason = reason;
  CHECK(parseAuditRecord(lineOf(event))->answer == answer);
}

TEST_CASE("A storm has a uid and a number, and a peer without an id here is not known") {
  AuditEvent event = login();
  event.action = AuditAction::ConnectionDenied;
  event.storm = 5000;
  const Result<AuditRecord> storm = parseAuditRecord(lineOf(event));
  REQUIRE(storm.has_value());
  CHECK(storm->answer == RecordedAnswer::Shut);
  CHECK(storm->events == 5000);
  CHECK_FALSE(storm->has_gid);
  event = login();
  event.peer->uid = 65534;
  CHECK_FALSE(parseAuditRecord(lineOf(event))->peer.known);
  event.action = AuditAction::ServiceStarted;
  event.peer.reset();
  CHECK(parseAuditRecord(lineOf(event))->answer == RecordedAnswer::None);
}

TEST_CASE("Garbage is no line of an audit log, and ends nothing") {
  const std::string deep =
      "{\"event.action\":" + std::string(2000, '[') + std::string(2000, ']') + '}';
  const std::string line = GENERATE_COPY(
      values<std::string>({"", "x", "{", "{}", "[]", "null", "{\"event.action\":\"login-allowed\"}",
                           "{\"event.action\":7}", "{\"event.action\":{\"a\":1}}",
                           "{\"event.action\":\"login-allowed\",\"user.id\":\"-1\"}",
                           "{\"event.action\":\"login-allowed\",\"user.id\":\"99999999999\","
                           "\"peerpool.listener\":\"pg\"}",
                           "{\"event.action\":\"login-allowed\",\"user.id\":[1],"
                           "\"peerpool.listener\":\"pg\"}",
                           std::string("{\"\0\xff\x01\":}", 8), deep,
                           '{' + std::string(kLongestAuditRecord, ' ') + '}'}));
  CHECK_FALSE(parseAuditRecord(line).has_value());
}

TEST_CASE("Every beginning and every changed byte of a line is borne") {
  const std::string line = lineOf(login());
  for (std::size_t i = 0; i < line.size(); ++i) {
    static_cast<void>(parseAuditRecord(line.substr(0, i)));
    for (const char byte : {'\0', '"', '{', '}', '[', '\\', '9', '\xff'}) {
      std::string changed = line;
      changed[i] = byte;
      static_cast<void>(parseAuditRecord(changed));
    }
  }
}

TEST_CASE("Lines are read whatever their length, and long ones cut") {
  const testing::TempDir directory;
  const std::string file = directory / "f";
  testing::writeFile(file, "a\n\n" + std::string(600'000, 'b') + "\nlast");
  std::vector<std::string> lines;
  CHECK(readLines(file, 10, [&](std::string_view line, std::uint64_t number) {
          CHECK(number == lines.size() + 1);
          lines.emplace_back(line);
        }) == 0);
  CHECK(lines == std::vector<std::string>{"a", "", std::string(11, 'b'), "last"});
  CHECK(readLines(directory / "none", 10, [](std::string_view, std::uint64_t) {}) == ENOENT);
}

}  // namespace
}  // namespace peerpool::server
