// What a client changes in its session is its own, in each way to deal with that.

#include <catch2/catch.hpp>

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

}  // namespace

TEST_CASE("each kind of session state is its client's own, pinned, reset or refused") {
  const std::string kind = GENERATE(as<std::string>{}, "pin", "reset", "refuse");
  const bool named = GENERATE(false, true);  // A server with statements is reset in another way.
  CAPTURE(kind, named);
  const Scene scene(oneServer(kind));
  const std::string pid = [&] {
    Pq client = scene.connect();
    return backendPid(client);
  }();
  for (const char* statement :
       {"SET work_mem = '8MB'", "SET ROLE app", "SET search_path = pg_catalog",
        "CREATE TEMP TABLE leak (a int)", "PREPARE leak AS SELECT 1",
        "DECLARE leak CURSOR WITH HOLD FOR SELECT 1", "SELECT pg_advisory_lock(1)", "LISTEN leak",
        "SET my.own = 'leak'", "SELECT set_config('search_path', 'pg_catalog', false)",
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

}  // namespace peerpool::testing
