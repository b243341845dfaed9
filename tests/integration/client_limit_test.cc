// Each limit on numbers of clients, reached over a real socket: SQLSTATE, text, counter, and room
// again when somebody leaves.

#include <catch2/catch.hpp>

#include "tests/integration/limit_checks.h"

namespace peerpool::testing {
namespace {

constexpr char kNoServer[] = "no server connection became free within pools.wait_timeout (ref ";

/// A limit of 3 clients of which those of stranger(0) may have 2.
struct Row {
  const char* what;
  SceneOptions options;
  std::string setting;  ///< In status.
  std::string text;     ///< What a client is told.
  bool per_uid;
};

SceneOptions withListener(const std::string& limits) {
  return {.rules = everybodyMayBe("app"), .listener = "    limits: { " + limits + " }\n"};
}

SceneOptions withRule(const std::string& limits) {
  return {.rules = everybodyMayBe("app", "    limits: { " + limits + " }\n")};
}

std::vector<Row> rows() {
  return {
      {"process",
       {.rules = everybodyMayBe("app"), .process = ", max_clients: 3"},
       "process.max_clients",
       "too many clients (process.max_clients: 3)",
       false},
      {"listener", withListener("clients: 3"), "listeners.limits.clients",
       "too many clients (listeners.pg.limits.clients: 3)", false},
      {"listener, each uid", withListener("clients: 9, clients_per_uid: 3"),
       "listeners.limits.clients_per_uid",
       "too many clients (listeners.pg.limits.clients_per_uid: 3)", true},
      {"rule", withRule("clients: 3"), "rules.limits.clients",
       "too many clients (rules.\"everybody\".limits.clients: 3)", false},
      {"rule, each uid", withRule("clients: 9, clients_per_uid: 3"), "rules.limits.clients_per_uid",
       "too many clients (rules.\"everybody\".limits.clients_per_uid: 3)", true},
  };
}

bool comesIn(const Scene& scene, const Credentials& as) {
  return eventually([&] { return scene.connect("user=app dbname=shop", as).connected(); });
}

}  // namespace

TEST_CASE("Limit errors: one client too many is told the setting's name, until another leaves") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::size_t index = GENERATE(range<std::size_t>(0, 5));
  Row row = rows()[index];
  row.options.workers = workers;
  CAPTURE(workers, row.what);
  Scene scene(row.options);
  std::vector<Pq> sessions = idleSessions(scene, 3, stranger(0));
  CHECK(hitsOf(scene, row.setting) == 0);
  for (int again = 0; again < 3; ++again) {
    checkRefused(scene.connect("user=app dbname=shop", stranger(0)), row.text);
  }
  CHECK(hitsOf(scene, row.setting) == 3);
  const std::vector<LogLine> lines = scene.peerpool().waitForEvents("client refused", 3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["uid"] == "61001");
  CHECK(row.text.find(lines[0]["limit"]) != std::string::npos);
  // Those who are in are not disturbed, and another uid is only where it has a count of its own.
  for (Pq& session : sessions) {
    CHECK(session.exec("SELECT 1").ok);
  }
  if (row.per_uid) {
    CHECK(scene.connect("user=app dbname=shop", stranger(1)).connected());
  }
  sessions.pop_back();
  CHECK(comesIn(scene, stranger(0)));
  CHECK(comesIn(scene, stranger(0)));
  scene.stopPeerpool();
}

TEST_CASE("clients that die without a word give their places back") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  SceneOptions options = withListener("clients: 3");
  options.rules = everybodyMayBe("app", "    limits: { clients: 3 }\n");
  options.workers = workers;
  const Scene scene(options);
  for (int round = 0; round < 5; ++round) {
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
      REQUIRE(eventually([&] {
        RawClient client(scene.socketPath(), stranger(0));
        // Some die before their startup packet, some after login, some within a request.
        if (i > 0) {
          if (!client.send(appStartup()) || client.receiveUntil('Z').back().type != 'Z') {
            return false;
          }
        }
        if (i > 1) {
          client.send(rawMessage('Q', "SELECT pg_sleep(0.1)" + std::string(1, '\0')));
        }
        clients.push_back(std::move(client));
        return true;
      }));
    }
  }
  std::vector<Pq> sessions;
  CHECK(eventually([&] {
    sessions.clear();
    for (int i = 0; i < 3; ++i) {
      sessions.push_back(scene.connect("user=app dbname=shop", stranger(0)));
    }
    return sessions[0].connected() && sessions[1].connected() && sessions[2].connected();
  }));
}

TEST_CASE("a uid that connects faster than its rate is refused, another one is not") {
  if (skipWithoutRoot()) {
    return;
  }
  SceneOptions options = withListener("connect_rate_per_uid: 3/m");
  options.workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene(options);
  for (int i = 0; i < 3; ++i) {
    CHECK(scene.connect("user=app dbname=shop", stranger(0)).connected());
  }
  checkRefused(scene.connect("user=app dbname=shop", stranger(0)),
               "too many connections in a short time (listeners.pg.limits.connect_rate_per_uid: "
               "3/m)");
  CHECK(hitsOf(scene, "listeners.limits.connect_rate_per_uid") == 1);
  CHECK(scene.connect("user=app dbname=shop", stranger(1)).connected());
  scene.stopPeerpool();
}

TEST_CASE("who is denied stays denied at a full listener, and holds nobody's place") {
  if (skipWithoutRoot()) {
    return;
  }
  SceneOptions options = withListener("clients: 2, connect_rate_per_uid: 2/h");
  options.rules =
      "  - name: some\n    allow: { uid: 61001 }\n    listener: pg\n    databases: [shop]\n"
      "    roles: [app]\n";
  options.workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 10; ++i) {
    silent.emplace_back(scene.socketPath(), stranger(1));  // Denied, and waits to be told so.
  }
  const std::vector<Pq> sessions = idleSessions(scene, 2, stranger(0));
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(requireDenied(scene, scene.connect("user=app dbname=shop", stranger(2))));
  }
  CHECK(hitsOf(scene, "listeners.limits.clients") == 0);
  CHECK(hitsOf(scene, "listeners.limits.connect_rate_per_uid") == 0);
}

TEST_CASE("waits that are too long are counted by their settings") {
  SceneOptions options = withListener("login_timeout: 300ms");
  options.pools = "  mode: transaction\n  size: 1\n  wait_timeout: 300ms\n";
  options.workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(options);
  RawClient silent(scene.socketPath());
  const LastWords words = lastWords(silent);
  CHECK(words.sqlstate == "57P05");
  CHECK(words.message == "login took longer than listeners.pg.limits.login_timeout");
  CHECK(hitsOf(scene, "listeners.limits.login_timeout") == 1);
  CHECK(scene.peerpool().waitForEvents("client timed out", 1).size() == 1);
  Pq holder = scene.connect();
  Pq waiting = scene.connect();
  REQUIRE(holder.exec("BEGIN").ok);
  const QueryResult refused = waiting.exec("SELECT 1");
  CHECK(refused.sqlstate == "53300");
  CHECK(refused.message.find(kNoServer) != std::string::npos);
  CHECK(hitsOf(scene, "pools.wait_timeout") == 1);
}

TEST_CASE("who waits for one of the backend's connections waits as long as for one of the pool's") {
  SceneOptions options = withListener("");
  options.backend += "    max_connections: 1\n";
  options.pools = "  mode: transaction\n  size: 4\n  wait_timeout: 300ms\n";
  options.workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(options);
  Pq holder = scene.connect();
  REQUIRE(holder.exec("BEGIN").ok);
  Pq same_pool = scene.connect();
  const QueryResult refused = same_pool.exec("SELECT 1");
  CHECK(refused.sqlstate == "53300");
  CHECK(refused.message.find(kNoServer) != std::string::npos);
  CHECK(hitsOf(scene, "pools.wait_timeout") == 1);
  const Pq other_pool = scene.connect("user=app dbname=postgres");  // Needs a server to log in.
  CHECK_FALSE(other_pool.connected());
  CHECK(other_pool.sqlstate() == "53300");
  CHECK(other_pool.error().find(kNoServer) != std::string::npos);
  CHECK(hitsOf(scene, "pools.wait_timeout") == 2);
  CHECK(holder.exec("COMMIT").ok);
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a cancel request at a full listener is not answered with a refusal") {
  SceneOptions options = withListener("clients: 1");
  options.workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(options);
  const Pq session = scene.connect();
  REQUIRE(session.connected());
  std::string cancel(16, '\0');
  cancel[3] = 16;
  cancel.replace(4, 4, {'\x04', '\xd2', '\x16', '\x2e'});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(cancel));
  CHECK(client.receiveUntilClosed() == "");
}

}  // namespace peerpool::testing
