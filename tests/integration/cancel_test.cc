// Cancel requests of clients: they end what the client itself does, running or waiting, and nothing
// else.

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "tests/integration/limit_checks.h"
#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(std::size_t workers = 1, const std::string& top = "") {
  return {.workers = workers,
          .rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 60s\n",
          .top = top};
}

struct Session {
  RawClient client;
  std::string key;  // Body of BackendKeyData.
};

Session login(const Scene& scene, const std::string& more = "",
              std::uint32_t protocol = kProtocol30) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(
      protocol, {{"user", "app"}, {"database", "shop"}, {"application_name", more}})));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  REQUIRE(key.size() == (protocol == kProtocol30 ? 8 : 36));
  return {std::move(client), key};
}

// Returns when the connection was closed, which must be without a word.
void cancel(const Scene& scene, const std::string& key,
            const std::optional<Credentials>& as = std::nullopt) {
  RawClient client(scene.socketPath(), as);
  REQUIRE(client.send(cancelPacket(key)));
  CHECK(client.receiveUntilClosed() == "");
}

std::size_t waiting(const Scene& scene) {
  const std::string table = scene.peerpool().status({"clients"}).output;
  std::size_t count = 0;
  for (std::size_t at = table.find("waiting"); at != std::string::npos;
       at = table.find("waiting", at + 1)) {
    ++count;
  }
  return count;
}

// Its backend is busy until it commits.
Session holdServer(const Scene& scene) {
  Session holder = login(scene);
  REQUIRE(holder.client.send(queryMessage("BEGIN")));
  REQUIRE(typesOf(holder.client.receiveUntil('Z')) == "CZ");
  return holder;
}

std::string bind() { return rawMessage('B', std::string(8, '\0')); }
std::string execute() { return rawMessage('E', std::string(5, '\0')); }
std::string parse(const std::string& sql) {
  return rawMessage('P', std::string(1, '\0') + sql + std::string(3, '\0'));
}

}  // namespace

TEST_CASE("a client cancels its own query, from any worker") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(oneServer(workers));
  for (int i = 0; i < 4; ++i) {
    Session session = login(scene, "c" + std::to_string(i), i % 2 == 0 ? kProtocol30 : kProtocol32);
    REQUIRE(session.client.send(
        queryMessage("DO $$ BEGIN RAISE NOTICE 'runs'; PERFORM pg_sleep(60); END $$")));
    REQUIRE(session.client.receiveUntil('N').back().type == 'N');
    cancel(scene, session.key);
    CHECK(typesOf(session.client.receiveUntil('Z')) == "E(57014)Z");
    REQUIRE(session.client.send(queryMessage("SELECT 1")));
    CHECK(typesOf(session.client.receiveUntil('Z')) == "TDCZ");
    cancel(scene, session.key);  // Nothing runs.
    REQUIRE(session.client.send(queryMessage("SELECT 1")));
    CHECK(typesOf(session.client.receiveUntil('Z')) == "TDCZ");
  }
}

TEST_CASE("a query that waits for a server is cancelled in the queue") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(oneServer(workers));
  Session holder = holdServer(scene);
  Session queued = login(scene, "", workers == 1 ? kProtocol30 : kProtocol32);
  std::string request;
  std::string expected;
  SECTION("simple") {
    request = queryMessage("SELECT 1");
    expected = "E(57014)Z";
  }
  SECTION("large") {
    request = queryMessage("SELECT '" + std::string(200'000, 'x') + "'");
    expected = "E(57014)Z";
  }
  SECTION("extended") {
    request = parse("SELECT 1") + bind() + execute() + rawMessage('S', "");
    expected = "E(57014)Z";
  }
  SECTION("with another one behind it, which waits on") {
    request = queryMessage("SELECT 1") + queryMessage("SELECT 2");
    expected = "E(57014)Z";
  }
  REQUIRE(queued.client.send(request));
  REQUIRE(eventually([&] { return waiting(scene) == 1; }));
  cancel(scene, queued.key);
  CHECK(typesOf(queued.client.receiveUntil('Z')) == expected);
  REQUIRE(holder.client.send(queryMessage("COMMIT")));
  CHECK(typesOf(holder.client.receiveUntil('Z')) == "CZ");
  if (request.find("SELECT 2") != std::string::npos) {
    CHECK(typesOf(queued.client.receiveUntil('Z')) == "TDCZ");
  }
  REQUIRE(queued.client.send(queryMessage("SELECT 1")));
  CHECK(typesOf(queued.client.receiveUntil('Z')) == "TDCZ");
  CHECK(waiting(scene) == 0);
}

TEST_CASE("a cancelled batch is answered at its Sync, and not before") {
  const Scene scene(oneServer());
  Session holder = holdServer(scene);
  Session queued = login(scene);
  REQUIRE(queued.client.send(parse("SELECT 1")));
  REQUIRE(eventually([&] { return waiting(scene) == 1; }));
  cancel(scene, queued.key);
  CHECK(typesOf(queued.client.receiveUntil('E')) == "E(57014)");
  REQUIRE(queued.client.send(bind() + execute()));
  CHECK(queued.client.silentFor(std::chrono::milliseconds(50)));
  REQUIRE(queued.client.send(rawMessage('S', "")));
  CHECK(typesOf(queued.client.receiveUntil('Z')) == "Z");
}

TEST_CASE("a cancel that comes when the first part of a queued batch is answered ends the rest") {
  const Scene scene(oneServer());
  Session holder = holdServer(scene);
  Session queued = login(scene);
  // As postgres.js does: it asks for the types first.
  const std::string ask =
      parse("SELECT pg_sleep(60)") + rawMessage('D', std::string("S\0", 2)) + rawMessage('H', "");
  const std::string go_on = bind() + execute() + rawMessage('S', "");
  REQUIRE(queued.client.send(ask));
  REQUIRE(eventually([&] { return waiting(scene) == 1; }));
  REQUIRE(holder.client.send(queryMessage("COMMIT")));
  CHECK(typesOf(holder.client.receiveUntil('Z')) == "CZ");
  CHECK(typesOf(queued.client.receiveUntil('T')) == "1tT");
  cancel(scene, queued.key);
  CHECK(queued.client.silentFor(std::chrono::milliseconds(50)));
  REQUIRE(queued.client.send(go_on));
  const std::string answer = typesOf(queued.client.receiveUntil('Z'));
  CHECK((answer == "E(57014)Z" || answer == "2E(57014)Z"));
  REQUIRE(queued.client.send(queryMessage("SELECT 1")));
  CHECK(typesOf(queued.client.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE(
    "a cancel between two parts of a batch that did not wait is ignored, as PostgreSQL does") {
  const Scene scene(oneServer());
  Session session = login(scene);
  REQUIRE(session.client.send(parse("SELECT pg_sleep(0.2)") + rawMessage('H', "")));
  CHECK(typesOf(session.client.receiveUntil('1')) == "1");
  cancel(scene, session.key);
  REQUIRE(session.client.send(bind() + execute() + rawMessage('S', "")));
  CHECK(typesOf(session.client.receiveUntil('Z')) == "2DCZ");
}

TEST_CASE(
    "who has the wrong key or the wrong uid cancels nothing, and that is recorded (check 39)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  TempDir logs;
  const Scene scene(oneServer(workers, "audit: { to: \"file:" + (logs / "audit") + "\" }\n"));
  const std::uint32_t protocol = GENERATE(kProtocol30, kProtocol32);
  Session session = login(scene, "", protocol);
  REQUIRE(session.client.send(
      queryMessage("DO $$ BEGIN RAISE NOTICE 'runs'; PERFORM pg_sleep(1); END $$")));
  REQUIRE(session.client.receiveUntil('N').back().type == 'N');
  std::string wrong = session.key;
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  cancel(scene, wrong);
  // The right bytes in a key of the wrong length.
  cancel(scene,
         protocol == kProtocol30 ? session.key + std::string(28, '\0') : session.key.substr(0, 8));
  cancel(scene, session.key, stranger(3));
  CHECK(typesOf(session.client.receiveUntil('Z')) == "CZ");
  REQUIRE(eventually([&] {
    const std::string audit = readFile(logs / "audit");
    std::size_t count = 0;
    for (std::size_t at = audit.find("cancel-rejected"); at != std::string::npos;
         at = audit.find("cancel-rejected", at + 1)) {
      ++count;
    }
    return count == 3;
  }));
  const auto lines = scene.peerpool().waitForEvents("cancel rejected", 3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[2]["uid"] == std::to_string(stranger(3).uid));
}

TEST_CASE("who guesses keys is not heard for a while, not even with the right one") {
  const Scene scene(oneServer());
  Session session = login(scene);
  REQUIRE(session.client.send(
      queryMessage("DO $$ BEGIN RAISE NOTICE 'runs'; PERFORM pg_sleep(60); END $$")));
  REQUIRE(session.client.receiveUntil('N').back().type == 'N');
  std::string wrong = session.key;
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  for (int i = 0; i < 30; ++i) {
    cancel(scene, wrong);
  }
  // Until the right one is heard again; on a slow machine it is at once.
  std::atomic<bool> over{false};
  std::thread asking([&] {
    while (!over) {
      try {
        RawClient client(scene.socketPath());
        client.send(cancelPacket(session.key));
        static_cast<void>(client.receiveUntilClosed());
      } catch (const std::system_error&) {
        return;
      }
    }
  });
  CHECK(typesOf(session.client.receiveUntil('Z')) == "E(57014)Z");
  over = true;
  asking.join();
}

}  // namespace peerpool::testing
