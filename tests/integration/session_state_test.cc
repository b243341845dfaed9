// What a client changes in its session is its own, in each way to deal with that.

#include <catch2/catch.hpp>
#include <set>

#include "proxy/base/bytes.h"
#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

SceneOptions oneServer(const std::string& kind) {
  return {.rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 1\n  session_state: " + kind + "\n"};
}

std::string backendPid(Pq& client) { return client.exec("SELECT pg_backend_pid()").value(); }

/// Each query, and what it says in a session in which nothing was changed.
void checkClean(Pq& client) {
  for (const auto& [query, expected] : std::vector<std::pair<std::string, std::string>>{
           {"SHOW work_mem", "4MB"},
           {"SELECT current_setting('TimeZone') = 'Asia/Tokyo'", "f"},
           {"SHOW role", "none"},
           {"SELECT current_user", "app"},
           {"SHOW search_path", "\"$user\", public"},
           {"SHOW default_transaction_read_only", "off"},
           {"SELECT coalesce(current_setting('my.own', true), '')", ""},
           {"SELECT count(*) FROM pg_class WHERE relpersistence = 't'", "0"},
           // Those of the protocol are the server's own.
           {"SELECT count(*) FROM pg_prepared_statements WHERE from_sql", "0"},
           {"SELECT count(*) FROM pg_cursors WHERE is_holdable", "0"},
           {"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0"},
           {"SELECT count(*) FROM pg_listening_channels()", "0"}}) {
    CAPTURE(query);
    CHECK(client.exec(query).value() == expected);
  }
}

/// A function whose name says nothing of what it does.
std::string hidden() {
  return "CREATE FUNCTION hidden(text, text) RETURNS text LANGUAGE sql AS "
         "$$ SELECT set_config($1, $2, false) $$";
}

}  // namespace

TEST_CASE("each kind of session state is its client's own, pinned, reset or refused") {
  const std::string kind = GENERATE(as<std::string>{}, "pin", "reset", "refuse");
  const bool named = GENERATE(false, true);  // A server with statements is reset in another way.
  CAPTURE(kind, named);
  const Scene scene(oneServer(kind));
  REQUIRE(scene.postgres().superuser("shop").exec(hidden()).ok);
  const std::string pid = [&] {
    Pq client = scene.connect();
    return backendPid(client);
  }();
  for (const char* statement : {"SET work_mem = '8MB'",
                                "BEGIN; SET work_mem = '8MB'; COMMIT",
                                "SET TIME ZONE 'Asia/Tokyo'",
                                "SELECT set_config('TimeZone', 'Asia/Tokyo', false)",
                                "SELECT hidden('work_mem', '8MB')",
                                "SELECT hidden('role', 'app')",
                                "DO $$ BEGIN PERFORM pg_advisory_lock(2); END $$",
                                "SELECT 1 AS a INTO TEMP leak",
                                "UPDATE pg_settings SET setting = '8192' WHERE name = 'work_mem'",
                                "SET ROLE app",
                                "SET search_path = pg_catalog",
                                "CREATE TEMP TABLE leak (a int)",
                                "PREPARE leak AS SELECT 1",
                                "DECLARE leak CURSOR WITH HOLD FOR SELECT 1",
                                "SELECT pg_advisory_lock(1)",
                                "LISTEN leak",
                                "SET my.own = 'leak'",
                                "SELECT set_config('search_path', 'pg_catalog', false)",
                                "DO $$ BEGIN EXECUTE 'PREPARE leak AS SELECT 1'; END $$",
                                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"}) {
    CAPTURE(statement);
    Pq first = scene.connect();
    if (named) {
      REQUIRE(first.prepare("named", "SELECT 'named'").ok);
    }
    CHECK(first.exec(statement).ok);
    if (kind != "reset") {
      first = scene.connect();  // Its session ends, if it has not already.
    }
    Pq second = scene.connect();
    CHECK(backendPid(second) == pid);
    checkClean(second);
    if (kind == "reset") {
      CHECK(first.exec("SELECT 1").ok);
    }
  }
}

TEST_CASE("session state is found however its text is spelled") {
  const Scene scene(oneServer("reset"));
  Pq first = scene.connect();
  Pq second = scene.connect();
  const std::string pid = backendPid(second);
  for (const char* statement :
       {"SET/**/work_mem = '8MB'",
        "SET \"work_mem\" = '8MB'",
        "SET SESSION work_mem TO 8192",
        "SELECT pg_catalog . SET_CONFIG ( 'work_mem' , '8MB' , false )",
        "SELECT U&\"\\0073et_config\"('work_mem', '8MB', false)",
        "SELECT \"set_config\"('work_mem', '8MB', false)",
        "SELECT E'\\''; SET work_mem = '8MB'; --'",
        "SELECT 'a' || E'\\\\'; SET work_mem = '8MB'",
        "SELECT $$'$$; SET work_mem = '8MB'",
        "SELECT $a$ $$ $a$; SET work_mem = '8MB'; SELECT 2",
        "SELECT 1 /* /* */ ' */; SET work_mem = '8MB'",
        "SELECT 1 --'\n; SET work_mem = '8MB'",
        "SELECT \"a\"\"'\" FROM (SELECT 1) AS t(\"a\"\"'\"); SET work_mem = '8MB'",
        "SELECT B'1', X'1F', N'a', U&'\\0041'; SET work_mem = '8MB'",
        "EXPLAIN ANALYZE SELECT set_config('work_mem', '8MB', false)",
        "WITH x AS (SELECT set_config('work_mem', '8MB', false)) SELECT * FROM x",
        "SELECT * FROM set_config('work_mem', '8MB', false)",
        "VALUES (set_config('work_mem', '8MB', false))",
        "SELECT set_config('work_mem', '8MB', x) FROM (VALUES (false)) AS f(x)",
        "SELECT set_config('work_mem', '8MB', true), set_config('work_mem', '8MB', false)",
        "BEGIN; SET work_mem = '8MB'; SELECT 1; COMMIT",
        "SELECT pg_advisory_lock /* ! */ (1)",
        "CREATE/**/LOCAL TEMP TABLE leak (a int)",
        "SELECT 1 AS a INTO pg_temp.leak",
        "BEGIN; DECLARE leak CURSOR WITH HOLD FOR SELECT 1; COMMIT",
        "DO LANGUAGE plpgsql 'BEGIN PERFORM set_config(''work_mem'', ''8MB'', false); END'"}) {
    CAPTURE(statement);
    CHECK(first.exec(statement).ok);
    CHECK(backendPid(second) == pid);
    checkClean(second);
    if (first.prepare("named", statement).ok) {  // Not several commands.
      checkClean(second);
      CHECK(first.execPrepared("named", {}).ok);
      checkClean(second);
    }
    CHECK(first.exec("DEALLOCATE ALL").ok);
  }
}

TEST_CASE("who changes session state where that is refused is told so, and loses its session") {
  const Scene scene(oneServer("refuse"));
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  REQUIRE(client.send(queryMessage("SELECT 1")));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  REQUIRE(client.send(queryMessage("SET work_mem = '9MB'")));
  const std::vector<RawMessage> last = client.receiveUntil('E');
  REQUIRE(!last.empty());
  CHECK(last.back().field('S') == "FATAL");
  CHECK(last.back().field('C') == "0A000");
  CHECK(last.back().field('M') ==
        "session state must not be changed (pools.session_state: refuse)");
  CHECK(client.receiveUntilClosed() == "");
  CHECK(scene.peerpool().waitForEvents("client closed", 1).back()["reason"] ==
        "changed session state");
}

TEST_CASE("a SET outside of a transaction follows its client from server to server") {
  const bool extended = GENERATE(false, true);
  CAPTURE(extended);
  SceneOptions options = oneServer("pin");
  options.pools = "  mode: transaction\n  size: 2\n  wait_timeout: 5s\n";
  const Scene scene(options);
  std::vector<Pq> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(scene.connect());
    const std::string number = std::to_string(i);
    for (const std::string& set : std::vector<std::string>{
             "SET work_mem = '1" + number + "MB'", "SET my.own TO " + number,
             "SET client_min_messages TO warning", "SET extra_float_digits = 3",
             "SET search_path = s" + number + ", \"$user\"",
             "SET TIME ZONE INTERVAL '-0" + number + ":00' HOUR TO MINUTE"}) {
      CHECK((extended ? clients.back().execParams(set, {}) : clients.back().exec(set)).ok);
    }
  }
  std::set<std::string> servers;
  for (int round = 0; round < 20; ++round) {
    // One of them holds a server, so that the others meet at the other one.
    Pq& holder = clients[static_cast<std::size_t>(round) % clients.size()];
    CHECK(holder.exec("BEGIN").ok);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::string number = std::to_string(i);
      CHECK(clients[i].exec("SHOW work_mem").value() == "1" + number + "MB");
      CHECK(clients[i].exec("SHOW my.own").value() == number);
      CHECK(clients[i].exec("SHOW search_path").value() == "s" + number + ", \"$user\"");
      CHECK(clients[i].exec("SELECT extract(timezone FROM now())::int / 3600").value() ==
            (i == 0 ? "0" : "-" + number));
      servers.insert(backendPid(clients[i]));
    }
    CHECK(holder.exec("COMMIT").ok);
  }
  CHECK(servers.size() == 2);
  Pq plain = scene.connect();
  checkClean(plain);
  CHECK(clients[0].exec("RESET work_mem").ok);
  CHECK(clients[0].exec("SHOW work_mem").value() == "4MB");
  CHECK(clients[1].exec("SHOW work_mem").value() == "11MB");
  CHECK(clients[1].exec("DISCARD ALL").ok);
  CHECK(clients[0].exec("SELECT 1").ok);
  checkClean(clients[1]);
}

TEST_CASE("a SET that fails, or that a transaction undoes, follows nobody") {
  const Scene scene(oneServer("pin"));
  Pq client = scene.connect();
  Pq other = scene.connect();
  CHECK_FALSE(client.exec("SET work_mem = '8MB'; SET work_mem = 'much'").ok);
  CHECK(other.exec("SELECT 1").ok);
  CHECK(client.exec("SHOW work_mem").value() == "4MB");
  CHECK(client.exec("BEGIN; SET LOCAL work_mem = '8MB'").ok);
  CHECK(client.exec("SELECT set_config('my.own', 'here', true)").ok);
  CHECK(client.exec("SHOW work_mem").value() == "8MB");
  CHECK(client.exec("COMMIT").ok);
  checkClean(other);
  CHECK(client.exec("BEGIN").ok);
  CHECK(client.exec("SET TIME ZONE 'Asia/Tokyo'").ok);
  CHECK(client.exec("ROLLBACK").ok);
  checkClean(other);
  checkClean(client);
}

TEST_CASE("DISCARD ALL lets a client go that was bound to its server") {
  const Scene scene(oneServer("pin"));
  Pq client = scene.connect();
  CHECK(client.exec("CREATE TEMP TABLE t (a int)").ok);
  CHECK(client.exec("SELECT * FROM t").ok);
  CHECK(client.exec("DISCARD ALL").ok);
  Pq other = scene.connect();
  checkClean(other);
  CHECK(client.exec("SELECT 1").ok);
}

TEST_CASE("why a client is bound to its server is shown") {
  const Scene scene(oneServer("pin"));
  Pq client = scene.connect();
  for (const auto& [statement, reason] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE TEMP TABLE t (a int)", "pinned: temporary table"},
           {"SELECT pg_advisory_lock(1)", "pinned: advisory lock"},
           {"LISTEN a", "pinned: LISTEN"}}) {
    CHECK(client.exec(statement).ok);
    CHECK(scene.peerpool().status({"clients"}).output.find(reason) != std::string::npos);
    CHECK(client.exec("DISCARD ALL").ok);
  }
  CHECK(scene.peerpool().status({"clients"}).output.find("pinned") == std::string::npos);
  CHECK(client.exec("BEGIN").ok);
  CHECK(client.exec("CREATE TEMP TABLE u (a int)").ok);
  CHECK(client.exec("LISTEN a").ok);  // It was pinned already.
  CHECK(client.exec("COMMIT").ok);
  const std::string pools = scene.peerpool().status({"--json", "pools"}).output;
  CHECK(pools.find("\"pinned\":1") != std::string::npos);
  CHECK(pools.find("\"pins\":{\"temporary table\":2,\"advisory lock\":1,\"LISTEN\":1}") !=
        std::string::npos);
}

TEST_CASE("what one client has parsed without a name is not another's") {
  const Scene scene(oneServer("pin"));
  const auto start = [&] {
    RawClient client(scene.socketPath());
    REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
    REQUIRE(client.receiveUntil('Z').back().type == 'Z');
    return client;
  };
  const auto message = [](char type, const std::string& body) {
    std::string out(1, type);
    appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
    return out + body;
  };
  const std::string zero(1, '\0');
  const auto parse = [&](const std::string& sql) {
    return message('P', zero + sql + zero + zero + zero) + message('S', "");
  };
  const std::string execute = message('B', std::string(8, '\0')) +
                              message('E', zero + std::string(4, '\0')) + message('S', "");
  RawClient first = start();
  RawClient second = start();
  REQUIRE(first.send(parse("SELECT 'first'")));
  REQUIRE(first.receiveUntil('Z').front().type == '1');
  REQUIRE(second.send(execute));
  const auto refused = second.receiveUntil('Z');
  CHECK(refused.front().type == 'E');
  CHECK(refused.front().field('C') == "26000");
  CHECK(refused.front().field('M') == "unnamed prepared statement does not exist");
  REQUIRE(second.send(parse("SELECT 'second'")));
  REQUIRE(second.receiveUntil('Z').front().type == '1');
  for (int round = 0; round < 3; ++round) {
    for (auto* client : {&first, &second}) {
      REQUIRE(client->send(execute));
      const auto answer = client->receiveUntil('Z');
      REQUIRE(answer.size() == 4);
      CHECK(answer[0].type == '2');
      CHECK(answer[1].body.substr(6) == (client == &first ? "first" : "second"));
    }
  }
}

}  // namespace peerpool::testing
