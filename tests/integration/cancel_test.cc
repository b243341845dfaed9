// Cancel requests of clients: they end what the client itself does, running or waiting, and nothing
// else.

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "tests/integration/limit_checks.h"
#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

constexpr std::uint32_t kCancelCode = 80877102;

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

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

constexpr std::uint32_t kProtocol30 = 0x00030000;
constexpr std::uint32_t kProtocol32 = 0x00030002;

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
  REQUIRE(
      client.send(number(static_cast<std::uint32_t>(8 + key.size())) + number(kCancelCode) + key));
  CHECK(client.receiveUntilClosed() == "");
}

std::string types(const std::vector<RawMessage>& messages) {
  std::string all;
  for (const RawMessage& message : messages) {
    all += message.type == 'E' ? "E(" + message.field('C') + ")" : std::string(1, message.type);
  }
  return all;
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
  REQUIRE(types(holder.client.receiveUntil('Z')) == "CZ");
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
    CHECK(types(session.client.receiveUntil('Z')) == "E(57014)Z");
    REQUIRE(session.client.send(queryMessage("SELECT 1")));
    CHECK(types(session.client.receiveUntil('Z')) == "TDCZ");
    cancel(scene, session.key);  // Nothing runs.
    REQUIRE(session.client.send(queryMessage("SELECT 1")));
    CHECK(types(session.client.receiveUntil('Z')) == "TDCZ");
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
  CHECK(types(queued.client.receiveUntil('Z')) == expected);
  REQUIRE(holder.client.send(queryMessage("COMMIT")));
  CHECK(types(holder.client.receiveUntil('Z')) == "CZ");
  if (request.find("SELECT 2") != std::string::npos) {
    CHECK(types(queued.client.receiveUntil('Z')) == "TDCZ");
  }
  REQUIRE(queued.client.send(queryMessage("SELECT 1")));
  CHECK(types(queued.client.receiveUntil('Z')) == "TDCZ");
  CHECK(waiting(scene) == 0);
}

TEST_CASE("a cancelled batch is answered at its Sync, and not before") {
  const Scene scene(oneServer());
  Session holder = holdServer(scene);
  Session queued = login(scene);
  REQUIRE(queued.client.send(parse("SELECT 1")));
  REQUIRE(eventually([&] { return waiting(scene) == 1; }));
  cancel(scene, queued.key);
  CHECK(types(queued.client.receiveUntil('E')) == "E(57014)");
  REQUIRE(queued.client.send(bind() + execute()));
  CHECK(queued.client.silentFor(std::chrono::milliseconds(50)));
  REQUIRE(queued.client.send(rawMessage('S', "")));
  CHECK(types(queued.client.receiveUntil('Z')) == "Z");
}

TEST_CASE("who has the wrong key or the wrong uid cancels nothing, and that is recorded") {
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
  CHECK(types(session.client.receiveUntil('Z')) == "CZ");
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
        client.send(number(16) + number(kCancelCode) + session.key);
        static_cast<void>(client.receiveUntilClosed());
      } catch (const std::system_error&) {
        return;
      }
    }
  });
  CHECK(types(session.client.receiveUntil('Z')) == "E(57014)Z");
  over = true;
  asking.join();
}

namespace {

struct Tally {
  std::atomic<int> cancelled{0};
  std::atomic<int> missed{0};
  std::atomic<int> wrong{0};
};

// Sends a query and a cancel, then a query that nobody cancels.
void cancelOften(const Scene& scene, int rounds, Tally& tally) {
  Pq client = scene.connect();
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> key(PQgetCancel(client.get()), PQfreeCancel);
  std::array<char, 256> complaint{};
  for (int i = 0; i < rounds; ++i) {
    const std::string sql = "SELECT pg_sleep(" + std::to_string(i % 5) + " * 0.0005)";
    if (PQsendQuery(client.get(), sql.c_str()) != 1) {
      ++tally.wrong;
      return;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 300));  // Early, in time, late.
    if (PQcancel(key.get(), complaint.data(), static_cast<int>(complaint.size())) != 1) {
      ++tally.wrong;
      return;
    }
    while (PGresult* result = PQgetResult(client.get())) {
      const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      if (sqlstate == nullptr) {
        ++tally.missed;
      } else if (std::string(sqlstate) == "57014") {
        ++tally.cancelled;
      } else {
        ++tally.wrong;
      }
      PQclear(result);
    }
    if (client.exec("SELECT pg_sleep(0.0002)").command_tag != "SELECT 1") {
      ++tally.wrong;
    }
  }
}

// The same in bytes, by a client that speaks protocol 3.2; asserts nothing, as it has a thread of
// its own.
void cancelOftenIn32(const Scene& scene, int rounds, Tally& tally) {
  RawClient client(scene.socketPath());
  client.send(startupPacket(kProtocol32, {{"user", "app"}, {"database", "shop"}}));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  const std::string request =
      number(static_cast<std::uint32_t>(8 + key.size())) + number(kCancelCode) + key;
  for (int i = 0; i < rounds; ++i) {
    client.send(queryMessage("SELECT pg_sleep(" + std::to_string(i % 5) + " * 0.0005)"));
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 300));
    RawClient canceller(scene.socketPath());
    canceller.send(request);
    const bool closed = canceller.receiveUntilClosed() == "";
    const std::string answer = types(client.receiveUntil('Z'));
    if (closed && answer == "TDCZ") {
      ++tally.missed;
    } else if (closed && (answer == "E(57014)Z" || answer == "TE(57014)Z")) {
      ++tally.cancelled;
    } else {
      ++tally.wrong;
    }
    client.send(queryMessage("SELECT pg_sleep(0.0002)"));
    if (types(client.receiveUntil('Z')) != "TDCZ") {
      ++tally.wrong;
    }
  }
}

// Half of the clients speak protocol 3.0, half 3.2.
void raceCancels(std::size_t workers, int rounds) {
  SceneOptions options = oneServer(workers);
  options.pools = "  mode: transaction\n  size: 5\n  wait_timeout: 60s\n";
  const Scene scene(options);
  Tally tally;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  std::vector<std::thread> bystanders;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&, i] { (i % 2 == 0 ? cancelOften : cancelOftenIn32)(scene, rounds / 4, tally); });
    bystanders.emplace_back([&] {
      Pq client = scene.connect();
      while (!over) {
        if (client.exec("SELECT pg_sleep(0.0005)").command_tag != "SELECT 1") {
          ++tally.wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  over = true;
  for (std::thread& thread : bystanders) {
    thread.join();
  }
  WARN(rounds << " cancels: " << tally.cancelled << " hit their query, " << tally.missed
              << " nothing");
  CHECK(tally.wrong == 0);
  CHECK(tally.cancelled + tally.missed == rounds);
  CHECK(tally.cancelled > 0);
}

}  // namespace

TEST_CASE("cancels that race with queries of other clients hit their own or nothing") {
  raceCancels(1, 400);
  raceCancels(3, 400);
}

TEST_CASE("ten thousand cancels hit their own query or nothing", "[.long]") {
  raceCancels(1, 10'000);
  raceCancels(3, 10'000);
}

}  // namespace peerpool::testing
