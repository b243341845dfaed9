// What a reload means for sessions that are in the middle of something.

#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/integration/limit_checks.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

std::string rule(const std::string& name, const std::string& role, const std::string& more = "") {
  return "  - name: " + name +
         "\n    allow: anyone\n    listener: pg\n    databases: [shop]\n    roles: [" + role +
         "]\n" + more;
}

std::string replaced(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

void reload(const Scene& scene, const std::string& config) {
  scene.peerpool().replaceConfig(config);
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  REQUIRE(finished.exit_code == 0);
}

/// Clients that log in and go without waiting for an answer, each to a pool of its own, until the
/// end.
class Hasty {
 public:
  explicit Hasty(const std::string& path) {
    for (int i = 0; i < 3; ++i) {
      threads_.emplace_back([this, path, i] { run(path, i); });
    }
  }
  ~Hasty() {
    over_ = true;
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }
  Hasty(const Hasty&) = delete;
  Hasty& operator=(const Hasty&) = delete;

 private:
  void run(const std::string& path, int number) const {
    for (int round = 0; !over_;) {
      std::vector<RawClient> burst;
      try {
        for (int count = 0; count < 20; ++count, ++round) {
          burst.emplace_back(path);
          burst.back().send(startupPacket(
              0x00030000,
              {{"user", "other"},
               {"database", "shop"},
               {"search_path", "s" + std::to_string(number) + '_' + std::to_string(round)}}));
        }
      } catch (const std::system_error&) {
        // A full backlog: again.
      }
    }
  }

  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("logins while a reload takes their backend away are served or refused") {
  const Scene scene({.workers = 3,
                     .rules = rule("first", "app"),
                     .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE DATABASE "
                                "shop; "});
  const std::string one = scene.config();
  const std::size_t head = one.find("  main:\n");
  const std::size_t end = one.find("pools:", head);
  REQUIRE(end != std::string::npos);
  std::string second = replaced(one.substr(head, end - head), "main", "second");
  std::string two = replaced(one, "backends:\n", "backends:\n" + second);
  two = replaced(two, "rules:\n", "rules:\n" + rule("gone", "other", "    backend: second\n"));
  {
    const Hasty clients(scene.socketPath());
    for (int i = 0; i < 40; ++i) {
      reload(scene, i % 2 == 0 ? two : one);
    }
  }
  CHECK(scene.peerpool().running());
  CHECK(eventually([&] { return scene.connect("user=app dbname=shop").exec("SELECT 1").ok; }));
}

TEST_CASE("a session that is revoked and allowed again goes on") {
  const Scene scene({.rules = rule("first", "app") + rule("second", "other"),
                     .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; "
                                "CREATE DATABASE shop; "});
  Pq client = scene.connect("user=other dbname=shop");
  REQUIRE(client.exec("BEGIN").ok);
  reload(scene, replaced(scene.config(), rule("second", "other"), ""));
  CHECK(scene.peerpool().waitForEvents("client revoked", 1).size() == 1);
  reload(scene, scene.config());
  CHECK(client.exec("COMMIT").ok);
  CHECK(client.exec("SELECT 1").ok);
}

TEST_CASE("a session that holds a server and asks for nothing meets no limit of queries") {
  Scene scene({.rules = rule("all", "app"),
               .pools = "  mode: session\n  size: 4\n",
               .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop; "});
  Pq idle = scene.connect();
  REQUIRE(idle.exec("SELECT 1").ok);
  Pq in_transaction = scene.connect();
  REQUIRE(in_transaction.exec("BEGIN").ok);
  Pq busy = scene.connect();
  REQUIRE(PQsendQuery(busy.get(), "SELECT pg_sleep(30)") == 1);
  reload(scene, replaced(scene.config(), rule("all", "app"),
                         rule("all", "app", "    limits: { query: 300ms, transaction: 60s }\n")));
  // Its limit begins with the reload; the others have none that runs.
  CHECK(scene.peerpool().waitForEvents("statement canceled", 1).size() == 1);
  CHECK(in_transaction.exec("COMMIT").ok);
  CHECK(idle.exec("SELECT 1").ok);
  CHECK(hitsOf(scene, "rules.limits.query") == 1);
}

TEST_CASE("a limit that is taken away while it cancels a statement ends nothing") {
  const std::string limited = rule("all", "app", "    limits: { query: 200ms }\n");
  Scene scene({.rules = limited, .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop; "});
  Pq client = scene.connect();
  // It catches cancels for longer than their grace.
  REQUIRE(PQsendQuery(client.get(), catchesCancels("7 s").c_str()) == 1);
  REQUIRE(scene.peerpool().waitForEvents("statement canceled", 1).size() == 1);
  reload(scene, replaced(scene.config(), limited,
                         rule("all", "app", "    limits: { client_idle: 60s }\n")));
  PGresult* result = PQgetResult(client.get());
  CHECK(PQresultStatus(result) == PGRES_COMMAND_OK);
  PQclear(result);
  while (PGresult* more = PQgetResult(client.get())) {
    PQclear(more);
  }
  CHECK(client.exec("SELECT 1").ok);
}

TEST_CASE("a setting that PostgreSQL refuses is named to the client and in the log") {
  const Scene scene(
      {.rules = rule("all", "app"), .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop; "});
  const Pq client = scene.connect("user=app dbname=shop options='-c TimeZone=nowhere'");
  CHECK(client.sqlstate() == "22023");
  const auto closed = scene.peerpool().waitForEvents("client closed", 1);
  REQUIRE(closed.size() == 1);
  CHECK(closed[0]["reason"] == "invalid value for parameter \"TimeZone\": \"nowhere\"");
}

TEST_CASE("a client that dies while it is read no further leaves its server to the next") {
  const Scene scene({.rules = rule("all", "app"),
                     .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 20s\n",
                     .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop; "});
  const std::string behind = GENERATE(as<std::string>{}, "many", "large");
  RawClient client(scene.socketPath());
  REQUIRE(client.send(appStartup()));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  std::string requests =
      queryMessage("DO $$ BEGIN RAISE NOTICE 'runs'; PERFORM pg_sleep(60); END $$");
  REQUIRE(client.send(requests));
  REQUIRE(client.receiveUntil('N').back().type == 'N');
  requests.clear();
  for (int i = 0; i < (behind == "many" ? 5000 : 20); ++i) {
    requests += queryMessage(behind == "many" ? "" : "SELECT '" + std::string(15'000, 'x') + "'");
  }
  // Some of it may stay with us: then it is read no further, which is what this is about.
  static_cast<void>(::send(client.fd(), requests.data(), requests.size(), MSG_DONTWAIT));
  CHECK(client.silentFor(std::chrono::milliseconds(100)));
  client.close();
  const auto start = std::chrono::steady_clock::now();
  CHECK(scene.connect().exec("SELECT 1").ok);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(15));
}

}  // namespace peerpool::testing
