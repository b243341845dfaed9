// Texts and batches that change session state and do not seem to: what the next client finds.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(const std::string& kind) {
  return {.rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 1\n  session_state: " + kind + "\n"};
}

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

const std::string kSync = rawMessage('S', "");

std::string parse(const std::string& sql) {
  return rawMessage('P', std::string(1, '\0') + sql + std::string(3, '\0'));
}

std::string bindAndExecute() {
  return rawMessage('B', std::string(8, '\0')) + rawMessage('E', std::string(5, '\0'));
}

std::string run(const std::string& sql) { return parse(sql) + bindAndExecute(); }

std::string workMemory(RawClient& client) {
  REQUIRE(client.send(run("SHOW work_mem") + kSync));
  for (const RawMessage& message : client.receiveUntil('Z')) {
    if (message.type == 'D') {
      return message.body.substr(6);
    }
  }
  return "";
}

// What a client finds that comes when `first` is at rest, or has left if it holds the server.
std::string nextFinds(const Scene& scene, RawClient first) {
  if (scene.peerpool().status({"clients"}).output.find("pinned") != std::string::npos) {
    first.close();
  }
  Pq second = scene.connect();
  return second.exec("SHOW work_mem").value();
}

}  // namespace

TEST_CASE("a SET that is parsed in one batch and carried out in the next is nobody else's") {
  const Scene scene(oneServer("pin"));
  RawClient client = login(scene);
  const bool together = GENERATE(true, false);
  const std::string before = parse("SET work_mem = '8MB'") + kSync;
  const std::string behind = bindAndExecute() + kSync;
  REQUIRE(client.send(together ? before + behind : before));
  CHECK(typesOf(client.receiveUntil('Z')) == "1Z");
  REQUIRE(client.send(together ? "" : behind));
  CHECK(typesOf(client.receiveUntil('Z')) == "2CZ");
  CHECK(workMemory(client) == "8MB");
  CHECK(nextFinds(scene, std::move(client)) == "4MB");
}

TEST_CASE("a SET that was committed in the middle of a batch that fails is nobody else's") {
  const Scene scene(oneServer("pin"));
  RawClient client = login(scene);
  REQUIRE(client.send(run("SET work_mem = '8MB'") + run("COMMIT") + run("SELECT 1/0") + kSync));
  CHECK(typesOf(client.receiveUntil('Z')) == "12C12NC1E(22012)Z");
  CHECK(workMemory(client) == "8MB");
  CHECK(nextFinds(scene, std::move(client)) == "4MB");
}

TEST_CASE("a SET that was rolled back in the middle of a batch does not follow its client") {
  const Scene scene(oneServer("pin"));
  RawClient client = login(scene);
  const bool in_pieces = GENERATE(false, true);
  REQUIRE(client.send(run("SET work_mem = '8MB'") + (in_pieces ? rawMessage('H', "") : "")));
  if (in_pieces) {
    CHECK(typesOf(client.receiveUntil('C')) == "12C");
  }
  REQUIRE(client.send(run("ROLLBACK") + kSync));
  CHECK(typesOf(client.receiveUntil('Z')) == (in_pieces ? "12NCZ" : "12C12NCZ"));
  CHECK(workMemory(client) == "4MB");
  CHECK(nextFinds(scene, std::move(client)) == "4MB");
}

TEST_CASE("a statement that is prepared behind a COPY that fails is nobody else's") {
  const Scene scene(oneServer("reset"));
  REQUIRE(scene.postgres()
              .superuser("shop")
              .exec("CREATE TABLE numbers (a int); GRANT ALL ON numbers TO app")
              .ok);
  const bool ended = GENERATE(true, false);
  RawClient client = login(scene);
  REQUIRE(client.send(queryMessage("COPY numbers FROM STDIN")));
  CHECK(typesOf(client.receiveUntil('G')) == "G");
  const std::string name(std::string("mine\0", 5));
  REQUIRE(client.send(rawMessage('d', "no number\n") + (ended ? rawMessage('c', "") : "") +
                      rawMessage('P', name + "SET work_mem = '8MB'" + std::string(3, '\0')) +
                      rawMessage('B', std::string(1, '\0') + name + std::string(6, '\0')) +
                      rawMessage('E', std::string(5, '\0')) + kSync));
  CHECK(typesOf(client.receiveUntil('Z')) == "E(22P02)Z");
  client.close();
  Pq second = scene.connect();
  CHECK(second.exec("SHOW work_mem").value() == "4MB");
  CHECK(second.exec("SELECT count(*) FROM pg_prepared_statements").value() == "0");
  CHECK(second.execPrepared("mine", {}).sqlstate == "26000");
}

TEST_CASE("strings with backslashes hide nothing") {
  const std::string kind = GENERATE(as<std::string>{}, "pin", "reset");
  const std::string how =
      GENERATE(as<std::string>{}, "SET LOCAL standard_conforming_strings = off",
               "SELECT set_config('standard_conforming_strings', 'off', true)",
               "SELECT set_config('Standard' || '_conforming_strings', 'off', true)",
               "SELECT set_config(U&'\\0073tandard_conforming_strings', 'off', true)");
  CAPTURE(kind, how);
  const Scene scene(oneServer(kind));
  {
    Pq first = scene.connect();
    CHECK(first.exec("BEGIN").ok);
    CHECK(first.exec(how).ok);
    CHECK(first
              .exec("SELECT '\\'', set_config('work_mem', '8MB', false), "
                    "pg_advisory_lock(77), '\\''")
              .ok);
    CHECK(first.exec("COMMIT").ok);
  }
  Pq second = scene.connect();
  CHECK(second.exec("SHOW work_mem").value() == "4MB");
  CHECK(second.exec("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").value() == "0");
}

TEST_CASE("a role whose strings have backslashes hides nothing") {
  const Scene scene(oneServer("reset"));
  REQUIRE(scene.postgres()
              .superuser("shop")
              .exec("ALTER ROLE app SET standard_conforming_strings = off")
              .ok);
  Pq first = scene.connect();
  CHECK(first.exec("SELECT '\\'', set_config('work_mem', '8MB', false), '\\''").ok);
  Pq second = scene.connect();
  CHECK(second.exec("SHOW work_mem").value() == "4MB");
}

TEST_CASE("an encoding whose bytes look like ASCII hides nothing") {
  const Scene scene(oneServer("reset"));
  const std::string name = "\x83|e";  // One letter of two bytes, and an e.
  const bool at_startup = GENERATE(false, true);
  Pq admin = scene.postgres().superuser("shop");
  REQUIRE(admin.exec("SET client_encoding = 'SJIS'").ok);
  REQUIRE(admin.exec("CREATE DOMAIN " + name + " AS text").ok);
  Pq first = scene.connect(at_startup ? "user=app dbname=shop client_encoding=SJIS"
                                      : "user=app dbname=shop");
  if (!at_startup) {
    CHECK(first.exec("SET NAMES 'SJIS'").ok);
    Pq between = scene.connect();
    CHECK(between.exec("SHOW client_encoding").value() != "SJIS");
  }
  CHECK(first.exec("SELECT " + name + "'\\'; SELECT set_config('work_mem', '8MB', false); --'").ok);
  Pq second = scene.connect();
  CHECK(second.exec("SHOW work_mem").value() == "4MB");
}

TEST_CASE("a parameter under its old name is the same parameter") {
  const Scene scene(oneServer("pin"));
  {
    Pq first = scene.connect();
    CHECK(first.exec("SET sort_mem = '8MB'").ok);
    CHECK(first.exec("SET work_mem = '16MB'").ok);
    CHECK(first.exec("SHOW work_mem").value() == "16MB");
  }
  Pq second = scene.connect();
  CHECK(second.exec("SHOW work_mem").value() == "4MB");
}

}  // namespace peerpool::testing
