// The chain of the audit log's lines: written by a running peerpool, read by `audit verify`.

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string auditTo(const std::string& path) {
  return "audit: { to: \"file:" + path + "\", required: true }\n";
}

Finished verify(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"audit", "verify"});
  return runPeerpool(arguments);
}

bool says(const Finished& finished, const std::string& text) {
  return finished.output.find(text) != std::string::npos;
}

/// 64 digits behind "hash " in what `peerpool status` prints.
std::string hashOf(const Scene& scene) {
  const std::string status = scene.peerpool().status({}).output;
  const std::size_t at = status.find("  hash ");
  INFO(status);
  REQUIRE(at != std::string::npos);
  return status.substr(at + 7, 64);
}

std::string withoutLine(const std::string& text, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    begin = text.find('\n', begin) + 1;
  }
  return text.substr(0, begin) + text.substr(text.find('\n', begin) + 1);
}

}  // namespace

TEST_CASE("an audit log is whole over restarts, and each thing done to it shows") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path)});
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
  scene.startPeerpool();
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  static_cast<void>(requireDenied(scene, scene.connect("user=other dbname=shop")));
  scene.stopPeerpool();
  const Finished whole = verify({"--config", scene.directory() / "peerpool.yaml"});
  INFO(whole.describe());
  CHECK(whole.exit_code == 0);
  CHECK(says(whole, "whole: 12 lines, sequence 1 to 12\nlast hash "));

  const std::string good = readFile(path);
  std::string changed = good;
  changed.replace(changed.find("login-denied"), 12, "login-allowe");
  writeFile(path, changed);
  CHECK(verify({path}).exit_code == 1);
  CHECK(says(verify({path}), path + ":11: changed: "));
  writeFile(path, withoutLine(good, 4));
  CHECK(verify({path}).exit_code == 1);
  CHECK(says(verify({path}), path + ":4: removed: "));
  writeFile(path, good.substr(0, good.size() - 30));
  CHECK(says(verify({path}), ":12: cut off: "));
  writeFile(path, good);
  CHECK(verify({path}).exit_code == 0);
  CHECK(verify({directory / "missing"}).exit_code == 66);
  CHECK(verify({"--expect", "abc", path}).exit_code == 64);
}

TEST_CASE("a hash that was noted tells that the end of the audit log was cut off") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path)});
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  const std::string noted = hashOf(scene);
  const std::string early = readFile(path);
  CHECK(verify({"--expect", noted, path}).exit_code == 0);
  REQUIRE(std::rename(path.c_str(), (path + ".1").c_str()) == 0);
  scene.peerpool().signal(SIGUSR1);
  REQUIRE(scene.peerpool().waitForEvents("audit log reopened", 1).size() == 1);
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
  const Finished both = verify({"--expect", noted, path + ".1", path});
  INFO(both.describe());
  CHECK(both.exit_code == 0);
  CHECK(verify({path, path + ".1"}).exit_code == 1);  // Not the order in which they were written.
  writeFile(path + ".1", withoutLine(early, 3));
  CHECK(verify({path + ".1", path}).exit_code == 1);
  writeFile(path + ".1", early.substr(0, early.find('\n') + 1));
  const Finished cut = verify({"--expect", noted, path + ".1"});
  CHECK(cut.exit_code == 1);
  CHECK(says(cut, "cut off: no line has the hash " + noted));
}

TEST_CASE("cancels and commands that change something are in the audit log") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"), .top = auditTo(path)});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  RawClient canceller(scene.socketPath());
  REQUIRE(canceller.send(cancelPacket(key)));
  CHECK(canceller.receiveUntilClosed() == "");
  REQUIRE(scene.peerpool().reload().ok());
  scene.stopPeerpool();
  const std::string log = readFile(path);
  CHECK(log.find("\"event.action\":\"cancel-forwarded\"") != std::string::npos);
  const std::size_t command = log.find("\"event.action\":\"admin-command\"");
  REQUIRE(command != std::string::npos);
  CHECK(log.find("\"event.reason\":\"reload\"", command) != std::string::npos);
  CHECK(log.find("\"user.id\":\"" + std::to_string(::geteuid()) + "\"", command) !=
        std::string::npos);
}

}  // namespace peerpool::testing
