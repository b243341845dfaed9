// A reload gives sessions other rules or other limits: what they hold counts for the new ones.

#include <catch2/catch.hpp>

#include "tests/integration/limit_checks.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

std::string rule(const std::string& name, const std::string& database, const std::string& limits) {
  return "  - name: " + name + "\n    allow: anyone\n    listener: pg\n    databases: [" +
         database + "]\n    roles: [app]\n    limits: { " + limits + " }\n";
}

/// The same configuration with other rules than `before`.
void reload(Scene& scene, const std::string& before, const std::string& rules) {
  std::string config = scene.config();
  const std::size_t at = config.find(before);
  REQUIRE(at != std::string::npos);
  scene.peerpool().replaceConfig(config.replace(at, before.size(), rules));
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  REQUIRE(finished.exit_code == 0);
}

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath(), stranger(0));
  REQUIRE(client.send(appStartup()));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

void send(RawClient& client, const std::string& sql) { REQUIRE(client.send(queryMessage(sql))); }

bool served(RawClient& client) {
  const std::vector<RawMessage> answer = client.receiveUntil('Z');
  return !answer.empty() && answer.back().type == 'Z';
}

bool waits(RawClient& client) { return client.silentFor(std::chrono::milliseconds(200)); }

bool ask(RawClient& client, const std::string& sql) {
  send(client, sql);
  return served(client);
}

}  // namespace

TEST_CASE(
    "sessions that come to another rule count there, stay above its limit, and nobody joins") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string key = GENERATE(as<std::string>{}, "clients", "clients_per_uid");
  CAPTURE(workers, key);
  const std::string before =
      rule("first", "shop", key + ": 3") + rule("second", "other", key + ": 2");
  Scene scene({.workers = workers,
               .rules = before,
               .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop; CREATE DATABASE other;"});
  std::vector<Pq> sessions = idleSessions(scene, 3, stranger(0));
  reload(scene, before, rule("first", "other", key + ": 3") + rule("second", "shop", key + ": 2"));
  const std::string full = "too many clients (rules.\"second\".limits." + key + ": 2)";
  CHECK(eventually([&] {  // They are decided anew a few at a time.
    return says(scene.connect("user=app dbname=shop", stranger(0)).error(), full);
  }));
  for (Pq& session : sessions) {
    CHECK(session.exec("SELECT 1").ok);
  }
  // All places of the first are free again.
  std::vector<Pq> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(scene.connect("user=app dbname=other", stranger(0)));
    CHECK(others.back().connected());
  }
  sessions.pop_back();
  const auto closed = scene.peerpool().waitForEvents("client closed", 1);
  checkRefused(scene.connect("user=app dbname=shop", stranger(0)), full);
  sessions.pop_back();
  CHECK(eventually([&] { return scene.connect("user=app dbname=shop", stranger(0)).connected(); }));
  scene.stopPeerpool();
}

TEST_CASE("servers that a uid holds, and its turn, go along to another rule or limit") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string second = GENERATE(as<std::string>{}, "second", "first");
  CAPTURE(workers, second);
  const std::string before = rule("first", "shop", "servers_per_uid: 1");
  Scene scene({.workers = workers,
               .rules = before,
               .pools = "  mode: transaction\n  size: 4\n  wait_timeout: 60s\n"});
  RawClient one = login(scene);
  RawClient two = login(scene);
  RawClient three = login(scene);
  REQUIRE(ask(one, "BEGIN"));
  send(two, "BEGIN");
  CHECK(waits(two));
  send(three, "SELECT 1");
  CHECK(waits(three));
  reload(scene, before, rule(second, "shop", "servers_per_uid: 2"));
  CHECK(served(two));
  CHECK(waits(three));
  // Both hold one more than they may now: they go on, and the third waits for both.
  reload(scene, before, before);
  CHECK(ask(one, "SELECT 1"));
  CHECK(ask(two, "COMMIT"));
  CHECK(waits(three));
  CHECK(ask(one, "COMMIT"));
  CHECK(served(three));
  // Without a limit nobody waits, and with one again those who hold servers count.
  REQUIRE(ask(one, "BEGIN"));
  send(two, "BEGIN");
  CHECK(waits(two));
  reload(scene, before, rule(second, "shop", "client_idle: 1h"));
  CHECK(served(two));
  reload(scene, before, before);
  send(three, "SELECT 1");
  CHECK(waits(three));
  CHECK(ask(one, "COMMIT"));
  CHECK(waits(three));
  CHECK(ask(two, "COMMIT"));
  CHECK(served(three));
  CHECK(allHits(scene).empty());
  scene.stopPeerpool();
}

TEST_CASE("another process.max_clients needs a restart, is named, and does not count until then") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = everybodyMayBe("app"), .process = ", max_clients: 2"});
  const std::vector<Pq> sessions = idleSessions(scene, 2, stranger(0));
  std::string config = scene.config();
  const std::string before = "max_clients: 2";
  scene.peerpool().replaceConfig(
      config.replace(config.find(before), before.size(), "max_clients: 3"));
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  const std::string kept = "process.max_clients: 2 runs, 3 needs a restart";
  CHECK(finished.errors.find(kept) != std::string::npos);
  const std::vector<LogLine> lines = scene.peerpool().waitForEvents("needs a restart", 1);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["setting"] == kept);
  checkRefused(scene.connect("user=app dbname=shop", stranger(0)),
               "too many clients (process.max_clients: 2)");
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
