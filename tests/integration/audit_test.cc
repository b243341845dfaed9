// The audit log of a running peerpool: who came, who did not, and nobody unrecorded.

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <map>
#include <sstream>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

/// One line as key and value, texts without their quotes. Good enough for what peerpool writes.
using AuditFields = std::map<std::string, std::string>;

AuditFields parse(const std::string& line) {
  AuditFields fields;
  for (std::size_t at = 1; at < line.size() && line[at] == '"';) {
    const std::size_t key_end = line.find("\":", at);
    const std::string key = line.substr(at + 1, key_end - at - 1);
    std::size_t end = key_end + 2;
    const char first = line[end];
    bool escaped = false;
    const auto ends = [&](char byte) {
      return first == '"' ? byte == '"' : first == '[' ? byte == ']' : byte == ',' || byte == '}';
    };
    const std::size_t begin = end++;
    while (end < line.size() && (escaped || !ends(line[end]))) {
      escaped = !escaped && line[end] == '\\';
      ++end;
    }
    fields[key] =
        first == '"' ? line.substr(begin + 1, end - begin - 1) : line.substr(begin, end - begin);
    at = line.find('"', end + (first == '"' ? 1 : 0));
  }
  return fields;
}

std::vector<AuditFields> auditOf(const std::string& path) {
  std::vector<AuditFields> events;
  std::istringstream lines(exists(path) ? readFile(path) : "");
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) {
      events.push_back(parse(line));
    }
  }
  return events;
}

std::vector<AuditFields> eventsOf(const std::string& path, const std::string& action) {
  std::vector<AuditFields> events = auditOf(path);
  events.erase(std::remove_if(events.begin(), events.end(),
                              [&](AuditFields& event) { return event["event.action"] != action; }),
               events.end());
  return events;
}

AuditFields waitFor(const std::string& path, const std::string& action) {
  static_cast<void>(eventually([&] { return !eventsOf(path, action).empty(); }));
  const std::vector<AuditFields> events = eventsOf(path, action);
  INFO(action);
  REQUIRE(events.size() == 1);
  return events[0];
}

/// Above any other file that a test's peerpool writes.
constexpr std::size_t kLarge = std::size_t{1} << 20;

/// The disk of `pid` is full for files that are longer.
void limitFileSize(pid_t pid, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  REQUIRE(::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr) == 0);
}

std::string auditTo(const std::string& path, bool required) {
  return "audit: { to: \"file:" + path + "\", required: " + (required ? "true" : "false") + " }\n";
}

}  // namespace

TEST_CASE("a session is in the audit log from its start to its end under one reference") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.workers = workers, .rules = everybodyMayBe("app"), .top = auditTo(path, true)});
  CHECK(scene.connect().exec("SELECT 1").ok);
  AuditFields start = waitFor(path, "connection-started");
  AuditFields login = waitFor(path, "login-allowed");
  AuditFields end = waitFor(path, "session-ended");
  CHECK(start["event.id"].size() == 12);
  CHECK(login["event.id"] == start["event.id"]);
  CHECK(end["event.id"] == start["event.id"]);
  CHECK(scene.peerpool().events("client login").at(0)["ref"] == start["event.id"]);
  CHECK(start["user.id"] == std::to_string(::geteuid()));
  CHECK(start["process.pid"] == std::to_string(::getpid()));
  CHECK(start["server.address"] == scene.socketPath());
  CHECK(login["rule.name"] == "everybody");
  CHECK(login["peerpool.rule_location"].find("peerpool.yaml:") != std::string::npos);
  CHECK(login["peerpool.database"] == "shop");
  CHECK(login["peerpool.role_requested"] == "app");
  CHECK(login["peerpool.role_granted"] == "app");
  CHECK(login["peerpool.generation"] == "1");
  CHECK(end["event.reason"] == "terminated");
  CHECK(std::stoll(end["event.duration"]) > 0);
  scene.stopPeerpool();
  std::vector<AuditFields> all = auditOf(path);
  REQUIRE(all.size() == 5);
  CHECK(all.front()["event.action"] == "service-started");
  CHECK(all.back()["event.action"] == "service-stopped");
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i]["event.sequence"] == std::to_string(i + 1));
    CHECK(all[i]["service.ephemeral_id"] == all[0]["service.ephemeral_id"]);
  }
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777 & ~0640U) == 0);
  const Finished parsed =
      run({{"python3", "-c", "import json, sys\nfor line in open(sys.argv[1]): json.loads(line)",
            path}});
  INFO(parsed.describe());
  CHECK(parsed.ok());
}

TEST_CASE("a denied login has one event with the reference that the client was told") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path, false)});
  const LogLine line = requireDenied(scene, scene.connect("user=app\x1b[31m dbname='x\ny'"));
  AuditFields denied = waitFor(path, "login-denied");
  CHECK(denied["event.id"] == line["ref"]);
  CHECK(denied["event.reason"].find("no rule of listener") == 0);
  CHECK(denied["event.outcome"] == "failure");
  CHECK(denied["peerpool.role_requested"] == "app\\\\x1b[31m");
  CHECK(denied["peerpool.database"] == "x\\\\ny");
  CHECK(eventsOf(path, "login-allowed").empty());
  CHECK(eventsOf(path, "session-ended").empty());
}

TEST_CASE("a peer denied at accept has one event, and one that leaves at once an end") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = "  - { name: root only, allow: { uid: 0 }, listener: pg, databases: [shop],"
                        " as: app }\n",
               .top = auditTo(path, true)});
  const LogLine line = requireDenied(scene, scene.connect("user=app dbname=shop", stranger(0)));
  AuditFields denied = waitFor(path, "connection-denied");
  CHECK(denied["event.id"] == line["ref"]);
  CHECK(denied["user.id"] == std::to_string(stranger(0).uid));
  CHECK(eventsOf(path, "connection-started").empty());
  RawClient(scene.socketPath()).close();
  CHECK(waitFor(path, "session-ended")["event.reason"] == "went away before login");
}

TEST_CASE("a limit that is hit is in the audit log with its setting") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"),
               .pools = "  size: 1\n  wait_timeout: 50ms\n",
               .top = auditTo(path, true)});
  Pq first = scene.connect();
  REQUIRE(first.exec("BEGIN").ok);
  Pq second = scene.connect();
  CHECK(second.exec("SELECT 1").sqlstate == "53300");
  CHECK(waitFor(path, "limit-hit")["peerpool.limit"] == "pools.wait_timeout");
}

TEST_CASE("nobody is let in while a required audit log cannot be written") {
  const bool required = GENERATE(true, false);
  CAPTURE(required);
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo("/dev/full", required)});
  const Pq client = scene.connect();
  CHECK(client.connected() == !required);
  if (required) {
    CHECK(client.sqlstate() == "58030");
    const std::vector<LogLine> lines = scene.peerpool().waitForEvents("client refused", 1);
    REQUIRE(lines.size() == 1);
    CHECK(client.error().find("audit log cannot be written (ref " + lines[0]["ref"] + ')') !=
          std::string::npos);
    CHECK(scene.peerpool().events("server opened").empty());
  }
  CHECK(scene.peerpool().events("audit log cannot be written").size() == 1);
}

TEST_CASE("a full disk keeps new clients out, sessions go on, and room lets clients in again") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  writeFile(path, std::string(kLarge, '\n'));
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path, true)});
  Pq session = scene.connect();
  REQUIRE(session.exec("SELECT 1").ok);
  RawClient early(scene.socketPath());  // Let through the front door, and silent.
  REQUIRE(eventually([&] { return eventsOf(path, "connection-started").size() == 2; }));
  limitFileSize(scene.peerpool().pid(), kLarge);
  CHECK(eventually([&] { return scene.connect().sqlstate() == "58030"; }));
  REQUIRE(early.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  CHECK(early.receiveUntil('E').back().field('C') == "58030");
  CHECK(session.exec("SELECT 2").value() == "2");
  CHECK(session.exec("BEGIN; SELECT 3; COMMIT").ok);
  limitFileSize(scene.peerpool().pid(), RLIM_INFINITY);
  CHECK(eventually([&] { return scene.connect().connected(); }));
  CHECK(scene.peerpool().waitForEvents("audit log can be written again", 1).size() == 1);
  scene.stopPeerpool();
  std::vector<AuditFields> all = auditOf(path);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i]["event.sequence"] == std::to_string(i + 1));
  }
  const std::size_t denied = eventsOf(path, "connection-denied").size();
  CHECK(denied > 0);
  CHECK_FALSE(eventsOf(path, "login-denied").empty());
  CHECK(eventsOf(path, "connection-started").size() ==
        eventsOf(path, "session-ended").size() + eventsOf(path, "login-denied").size());
}

TEST_CASE("an audit log that cannot be opened, or is a link, keeps the service from starting") {
  const TempDir directory;
  Scene scene({.rules = everybodyMayBe("app")});
  writeFile(directory / "victim", "mine");
  REQUIRE(::symlink((directory / "victim").c_str(), (directory / "link").c_str()) == 0);
  for (const char* name : {"link", "missing/audit.jsonl"}) {
    writeFile(directory / "peerpool.yaml", scene.config() + auditTo(directory / name, false));
    const Finished finished = runPeerpool(
        {"serve", "--config", directory / "peerpool.yaml", "--runtime-dir", directory / "run"});
    INFO(finished.describe());
    CHECK(finished.exit_code == 73);
    CHECK(finished.errors.find("audit log " + (directory / name)) != std::string::npos);
  }
  CHECK(readFile(directory / "victim") == "mine");
}

TEST_CASE("SIGUSR1 leaves renamed files behind, log and audit log, and a failure keeps the old") {
  const TempDir directory;
  ::mkdir((directory / "d").c_str(), 0755);
  const std::string path = directory / "d/audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path, true)});
  REQUIRE(scene.connect().connected());
  REQUIRE(std::rename(path.c_str(), (path + ".1").c_str()) == 0);
  ::kill(scene.peerpool().pid(), SIGUSR1);
  REQUIRE(scene.peerpool().waitForEvents("audit log reopened", 1).size() == 1);
  REQUIRE(scene.connect().connected());
  CHECK(eventually([&] { return !eventsOf(path, "login-allowed").empty(); }));
  REQUIRE(std::rename((directory / "d").c_str(), (directory / "e").c_str()) == 0);
  ::kill(scene.peerpool().pid(), SIGUSR1);
  REQUIRE(scene.peerpool().waitForEvents("audit log not reopened", 1).size() == 1);
  REQUIRE(scene.connect().connected());
  CHECK(eventually(
      [&] { return eventsOf(directory / "e/audit.jsonl", "login-allowed").size() == 2; }));
}

TEST_CASE(
    "a storm of peers denied at accept is a few events and a number, and nobody is missing (check "
    "32)") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.workers = GENERATE(as<std::size_t>{}, 1, 3),
               .rules = "  - name: some\n    allow: { uid: 61001 }\n    listener: pg\n"
                        "    databases: [shop]\n    roles: [app]\n",
               .top = auditTo(path, true)});
  constexpr std::size_t kStorm = 2000;
  for (std::size_t count = 0; count < kStorm;) {
    try {
      const RawClient client(scene.socketPath(), stranger(1));  // Most are closed without a word.
      ++count;
    } catch (const std::system_error&) {
      // It is kept out for a while.
    }
  }
  std::size_t single = 0;
  std::size_t together = 0;
  CHECK(eventually([&] {
    single = together = 0;
    for (AuditFields& event : eventsOf(path, "connection-denied")) {
      CHECK(event["user.id"] == std::to_string(stranger(1).uid));
      CHECK(event["rule.name"] == "default");
      CHECK(event["peerpool.listener"] == "pg");
      const bool storm = !event["peerpool.events"].empty();
      CHECK(event["process.pid"].empty() == storm);
      (storm ? together : single) += storm ? std::stoul(event["peerpool.events"]) : 1;
    }
    return single + together >= kStorm;
  }));
  CHECK(single + together == kStorm);
  CHECK(together > single);
  scene.stopPeerpool();
  std::vector<AuditFields> all = auditOf(path);
  CHECK(all.back()["event.action"] == "service-stopped");
  CHECK(all.back()["event.sequence"] == std::to_string(all.size()));
}

}  // namespace peerpool::testing
