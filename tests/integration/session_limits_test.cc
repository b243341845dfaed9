// Each limit of time of a rule, hit over a real socket: what the client is told, what the log says,
// that it is counted, and that the server survives and serves the next.

#include <catch2/catch.hpp>

#include "tests/integration/limit_checks.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

// One server, so that the next client shows whether it was used again.
SceneOptions limited(const std::string& limits, const std::string& mode = "transaction",
                     std::size_t workers = 1) {
  SceneOptions options;
  options.workers = workers;
  options.rules = everybodyMayBe("app", "    limits: { " + limits + " }\n");
  options.pools = "  mode: " + mode + "\n  size: 1\n  wait_timeout: 20s\n";
  return options;
}

std::string setting(const std::string& limit) { return "rules.\"everybody\".limits." + limit; }

using Hits = std::map<std::string, std::uint64_t>;

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

void ask(RawClient& client, const std::string& sql) {
  REQUIRE(client.send(queryMessage(sql)));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
}

std::string backendPid(Pq& client) { return client.exec("SELECT pg_backend_pid()").value(); }

// The session was ended by `limit`, and its server serves on.
void checkEnded(const Scene& scene, RawClient& client, const std::string& sqlstate,
                const std::string& limit, const std::string& pid) {
  const LastWords fatal = lastWords(client);
  CHECK(fatal.severity == "FATAL");
  CHECK(fatal.sqlstate == sqlstate);
  CHECK(fatal.message == "terminating connection: " + setting(limit));
  CHECK(fatal.closed);
  // This limit, once, and no other.
  CHECK(allHits(scene) == Hits{{"rules.limits." + limit.substr(0, limit.find(':')), 1}});
  const std::vector<LogLine> closed = scene.peerpool().waitForEvents("client closed", 2);
  INFO(scene.peerpool().log());
  REQUIRE_FALSE(closed.empty());
  CHECK(closed.back()["reason"] == "terminating connection: " + setting(limit));
  Pq next = scene.connect();
  CHECK(backendPid(next) == pid);
  CHECK(next.exec("SELECT count(*) FROM pg_class WHERE relpersistence = 't'").value() == "0");
}

// The pid of the only server, from a client that comes and goes.
std::string serverOf(const Scene& scene) {
  Pq client = scene.connect();
  return backendPid(client);
}

void checkCanceled(const QueryResult& result, const std::string& limit) {
  CHECK(result.sqlstate == "57014");
  CHECK(result.message.find("canceling statement: " + setting(limit)) != std::string::npos);
}

}  // namespace

TEST_CASE("a query that takes too long is canceled, and the session goes on") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string mode = GENERATE(as<std::string>{}, "transaction", "session");
  CAPTURE(workers, mode);
  const Scene scene(limited("query: 300ms", mode, workers));
  Pq client = scene.connect();
  const std::string pid = backendPid(client);
  checkCanceled(client.exec("SELECT pg_sleep(1000)"), "query: 300ms");
  CHECK(backendPid(client) == pid);
  checkCanceled(client.execParams("SELECT pg_sleep($1::int)", {"1000"}), "query: 300ms");
  CHECK(client.exec("BEGIN").ok);
  checkCanceled(client.exec("SELECT pg_sleep(1000)"), "query: 300ms");
  CHECK(client.exec("SELECT 1").sqlstate == "25P02");
  CHECK(client.exec("ROLLBACK").ok);
  CHECK(backendPid(client) == pid);
  const std::vector<LogLine> lines = scene.peerpool().waitForEvents("statement canceled", 3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["reason"] == "canceling statement: " + setting("query: 300ms"));
  CHECK(allHits(scene) == Hits{{"rules.limits.query", 3}});
}

TEST_CASE("a canceled COPY IN and the rows of a canceled query leave a session that works") {
  const Scene scene(limited("query: 300ms"));
  scene.postgres().execute("CREATE TABLE t (a int); GRANT ALL ON t TO app", "shop");
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  REQUIRE(client.send(queryMessage("COPY t FROM STDIN")));
  REQUIRE(client.receiveUntil('G').back().type == 'G');
  REQUIRE(client.send(rawMessage('d', "1\n")));
  const std::vector<RawMessage> copy = client.receiveUntil('Z');
  REQUIRE(copy.size() == 2);
  CHECK(copy[0].field('M') == "canceling statement: " + setting("query: 300ms"));
  REQUIRE(client.send(rawMessage('d', "2\n") + rawMessage('c', "")));  // It did not know yet.
  ask(client, "SELECT 1");
  REQUIRE(client.send(queryMessage("SELECT repeat('x', 1000), generate_series(1, 100000000)")));
  const std::vector<RawMessage> rows = client.receiveUntil('Z');
  REQUIRE(rows.size() > 2);
  CHECK(rows[rows.size() - 2].field('M') == "canceling statement: " + setting("query: 300ms"));
  CHECK(rows.back().body == "I");
  client.close();
  CHECK(serverOf(scene) == pid);
}

TEST_CASE("time spent waiting for a server is not the query's") {
  const Scene scene(limited("query: 1s"));
  Pq holder = scene.connect();
  REQUIRE(holder.exec("BEGIN").ok);
  RawClient waiting = login(scene);
  REQUIRE(waiting.send(queryMessage("SELECT 1")));
  CHECK(waiting.silentFor(std::chrono::milliseconds(1'500)));
  REQUIRE(holder.exec("COMMIT").ok);
  CHECK(waiting.receiveUntil('Z').back().body == "I");
  CHECK(scene.peerpool().events("statement canceled").empty());
  CHECK(allHits(scene).empty());
}

TEST_CASE("a backend that does not answer a cancel ends the session, not the service") {
  const Scene scene(limited("query: 300ms"));
  Pq client = scene.connect();
  scene.postgres().freeze();  // The postmaster: nobody takes the cancel.
  const QueryResult result = client.exec("SELECT pg_sleep(1000)");
  CHECK(result.sqlstate == "57014");
  CHECK(result.message.find("terminating connection: " + setting("query: 300ms")) !=
        std::string::npos);
  scene.postgres().thaw();
  CHECK(allHits(scene) == Hits{{"rules.limits.query", 1}});
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a transaction that takes too long ends its session") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene(limited("transaction: 300ms", "transaction", workers));
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  const bool busy = GENERATE(false, true);
  CAPTURE(workers, busy);
  ask(client, "BEGIN; CREATE TEMP TABLE leak (a int)");
  if (busy) {
    REQUIRE(client.send(queryMessage("SELECT pg_sleep(1000)")));
  }
  checkEnded(scene, client, "25P04", "transaction: 300ms", pid);
}

TEST_CASE("a client that idles inside of a transaction is ended") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string how = GENERATE(as<std::string>{}, "BEGIN", "BEGIN; SELECT 1/0");
  CAPTURE(workers, how);
  const Scene scene(limited("idle_in_transaction: 300ms", "transaction", workers));
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  ask(client, "SELECT pg_sleep(0.5)");  // Not idle, and not in a block.
  ask(client, how);
  checkEnded(scene, client, "25P03", "idle_in_transaction: 300ms", pid);
}

TEST_CASE("a client that idles outside of a transaction is ended") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string mode = GENERATE(as<std::string>{}, "transaction", "session");
  CAPTURE(workers, mode);
  const Scene scene(limited("client_idle: 300ms", mode, workers));
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  ask(client, "SELECT pg_sleep(0.5)");
  ask(client, "CREATE TEMP TABLE leak (a int)");
  checkEnded(scene, client, "57P05", "client_idle: 300ms", pid);
}

TEST_CASE("a session that lasts too long ends at its next sync point") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string mode = GENERATE(as<std::string>{}, "transaction", "session");
  const bool busy = GENERATE(false, true);
  CAPTURE(workers, mode, busy);
  const Scene scene(limited("max_session: 700ms", mode, workers));
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  if (busy) {
    ask(client, "BEGIN");
    ask(client, "SELECT pg_sleep(1)");
    CHECK(client.silentFor(std::chrono::milliseconds(200)));
    REQUIRE(client.send(queryMessage("COMMIT")));
  }
  checkEnded(scene, client, "57P05", "max_session: 700ms", pid);
}

TEST_CASE("a transaction that never ends does not keep a session for ever", "[.long]") {
  const Scene scene(limited("max_session: 300ms"));
  const std::string pid = serverOf(scene);
  RawClient client = login(scene);
  ask(client, "BEGIN");
  checkEnded(scene, client, "57P05", "max_session: 300ms", pid);
}

}  // namespace peerpool::testing
