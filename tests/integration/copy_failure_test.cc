// COPY FROM STDIN that fails, or not, with Syncs before, in and behind it: the client gets what
// PostgreSQL itself would say, and the next client of the same server gets its own answers.

#include <catch2/catch.hpp>
#include <initializer_list>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string query(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

// A letter of a conversation as bytes; Q, P and what belongs to them are a COPY into `table`.
std::string bytesOf(char letter, const std::string& table, const std::string& row) {
  const std::string copy = "COPY " + table + " FROM STDIN";
  switch (letter) {
    case 'Q':
      return query(copy);
    case 'M':  // Two COPYs in one query.
      return query("COPY t FROM STDIN; " + copy);
    case 'q':
      return query("SELECT 'behind'");
    case 'P':
      return rawMessage('P', '\0' + copy + std::string(3, '\0'));
    case 'p':
      return rawMessage('P', std::string(1, '\0') + "SELECT 'behind'" + std::string(3, '\0'));
    case 'B':
      return rawMessage('B', std::string(8, '\0'));
    case 'D':
      return rawMessage('D', std::string("P\0", 2));
    case 'E':
      return rawMessage('E', std::string(5, '\0'));
    case 'd':
      return rawMessage('d', row);
    case 'f':
      return rawMessage('f', std::string("given up\0", 9));
    default:
      return rawMessage(letter, "");
  }
}

// Its notice comes at once, its end a little later.
std::string slowQuery() {
  return query("DO $$ BEGIN RAISE NOTICE 'linked'; PERFORM pg_sleep(0.03); END $$");
}

RawClient login(const std::string& path) {
  RawClient client(path);
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

std::string describe(const RawMessage& message) {
  switch (message.type) {
    case 'E':
      return "E(" + message.field('C') + ')';
    case 'Z':
    case 'C':
      return std::string(1, message.type) + '(' + message.body.c_str() + ')';
    case 'D':
      return "D(" + message.body.substr(6) + ')';
    default:
      return std::string(1, message.type);
  }
}

// Sends a conversation, waits for CopyInResponse at each '|' and for the end of an error at '!',
// then asks for something of its own: `heard` is all that is answered up to the end of that.
struct Dialogue {
  RawClient& client;
  std::string table;
  std::string row;
  std::string heard = {};

  void note(const RawMessage& message) {
    if (message.type != 'S' && message.type != 'N') {
      heard += describe(message) + ' ';
    }
  }
  void listen(char type) {
    for (const RawMessage& message : client.receiveUntil(type)) {
      note(message);
    }
  }
  // Listens until `words` were heard.
  void hearOut(const std::string& words) {
    while (heard.find(words) == std::string::npos) {
      const std::optional<RawMessage> message = client.receiveMessage();
      REQUIRE(message);
      note(*message);
    }
  }
  void say(const std::string& conversation) {
    std::string bytes;
    for (const char letter : conversation) {
      if (letter == '|' || letter == '!') {
        REQUIRE(client.send(bytes));
        bytes.clear();
        if (letter == '|') {
          listen('G');
        } else {
          hearOut("E(");
          listen('Z');
        }
      } else if (letter != ' ') {
        bytes += bytesOf(letter, table, row);
      }
    }
    REQUIRE(client.send(bytes));
  }
  void finish() {
    REQUIRE(client.send(query("SELECT 'fence'")));
    hearOut("fence");
    listen('Z');
  }
};

// Is the answer to SELECT 'word' nothing else?
void checkOwnAnswer(RawClient& client, const std::string& word) {
  std::string heard;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    heard += describe(message) + ' ';
  }
  CHECK(heard == "T D(" + word + ") C(SELECT 1) Z(I) ");
}

SceneOptions oneServer() {
  return {.rules = everybodyMayBe("app"), .pools = "  mode: transaction\n  size: 1\n"};
}

void prepareTables(const Scene& scene) {
  Pq client = scene.connect();
  REQUIRE(client
              .exec("CREATE TABLE t (a int); CREATE VIEW v AS SELECT * FROM t;"
                    "CREATE TABLE guarded (a int);"
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE 'refused'; END $$;"
                    "CREATE TRIGGER refuse BEFORE INSERT ON guarded FOR EACH STATEMENT "
                    "EXECUTE FUNCTION refuse()")
              .ok);
}

enum class After : bool {
  Shared,  // The server goes to the next client before the first one leaves.
  Held,    // What it owes can't be known: it goes when the client goes.
};

// Both sides of the proxy, with a second client that waits for the only server.
void compare(Scene& scene, const std::string& conversation, const std::string& table,
             const std::string& row, After after = After::Shared) {
  CAPTURE(conversation, table, row);
  RawClient direct = login(scene.postgres().socketPath());
  Dialogue truth{direct, table, row};
  REQUIRE(direct.send(slowQuery()));
  truth.say(conversation);
  truth.finish();

  RawClient first = login(scene.socketPath());
  RawClient second = login(scene.socketPath());
  Dialogue proxied{first, table, row};
  REQUIRE(first.send(slowQuery()));
  (void)first.receiveUntil('N');  // It has the server, and the other one must wait.
  REQUIRE(second.send(query("SELECT 'own 1'")));
  proxied.say(conversation);
  proxied.finish();
  CHECK(proxied.heard == truth.heard);
  if (after == After::Held) {
    CHECK(second.silentFor(std::chrono::milliseconds(20)));
    first.close();
  }
  checkOwnAnswer(second, "own 1");
  for (const char* word : {"own 2", "own 3"}) {
    REQUIRE(second.send(query(std::string("SELECT '") + word + '\'')));
    checkOwnAnswer(second, word);
    if (after == After::Shared) {
      REQUIRE(first.send(query(std::string("SELECT '") + word + '\'')));
      checkOwnAnswer(first, word);
    }
  }
}

void compareAll(Scene& scene, const std::string& conversation) {
  compare(scene, conversation, "t", "1\n");
  compare(scene, conversation, "t", "bad\n");
  compare(scene, conversation, "v", "1\n");
  compare(scene, conversation, "guarded", "1\n");
}

}  // namespace

TEST_CASE("a COPY by a query gets PostgreSQL's answers, and the next client its own") {
  Scene scene(oneServer());
  prepareTables(scene);
  for (const char* conversation :
       {"Q | d c", "Q | d f", "Q d c", "Q S d c", "Q S d c S", "Q d S c S", "Q | d S c S",
        "Q | S S d c", "Q d c q", "M d c d c", "M S d c S d c S"}) {
    compareAll(scene, conversation);
  }
}

TEST_CASE("a COPY by a batch gets PostgreSQL's answers, and the next client its own") {
  Scene scene(oneServer());
  prepareTables(scene);
  for (const char* conversation :
       {"PBDE S | d c S", "PBE H | d c S", "PBDE S | d f S", "PBE d c S", "PBE S d c S",
        "PBE S d S c S", "PBE d S c S", "PBDE S | S d c S", "PBE d c S pBE S"}) {
    compareAll(scene, conversation);
  }
}

TEST_CASE(
    "a COPY that fails before it reads gets PostgreSQL's answers, and the next client its own") {
  Scene scene(oneServer());
  prepareTables(scene);
  for (const char* table : {"v", "guarded"}) {
    for (const char* conversation :
         {"Q !", "Q S !", "Q S S !", "PBDE S !", "PBE S S !", "PBE H S !"}) {
      compare(scene, conversation, table, "");
    }
    for (const char* conversation : {"Q q", "Q S q", "PBE S pBE S", "PBE S q", "PBE q S"}) {
      compare(scene, conversation, table, "", After::Held);
    }
  }
}

TEST_CASE("a client that is in the middle of its data when the COPY fails keeps no server") {
  Scene scene(oneServer());
  prepareTables(scene);
  RawClient first = login(scene.socketPath());
  REQUIRE(first.send(query("COPY t FROM STDIN")));
  (void)first.receiveUntil('G');
  // Larger than what is kept until it is complete, so that a part of it is passed on.
  const std::string data = rawMessage('d', std::string(100'000, 'x'));
  REQUIRE(first.send(rawMessage('d', "bad\n") + data.substr(0, 50'000)));
  CHECK(first.receiveUntil('Z').back().type == 'Z');
  RawClient second = login(scene.socketPath());
  SECTION("which it ends") {
    REQUIRE(first.send(data.substr(50'000)));
    REQUIRE(second.send(query("SELECT 'own'")));
    checkOwnAnswer(second, "own");
    REQUIRE(first.send(rawMessage('c', "")));
  }
  SECTION("and goes on") {
    REQUIRE(first.send(data.substr(50'000) + data + rawMessage('c', "") + query("SELECT 'more'")));
    checkOwnAnswer(first, "more");
  }
  REQUIRE(second.send(query("SELECT 'next'")));
  checkOwnAnswer(second, "next");
  REQUIRE(first.send(query("SELECT 'last'")));
  checkOwnAnswer(first, "last");
}

TEST_CASE("data of a COPY that failed needs no server") {
  Scene scene({.rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 300ms\n"});
  prepareTables(scene);
  RawClient first = login(scene.socketPath());
  REQUIRE(first.send(query("COPY t FROM STDIN")));
  (void)first.receiveUntil('G');
  REQUIRE(first.send(rawMessage('d', "bad\n") + rawMessage('f', std::string("no\0", 3))));
  CHECK(first.receiveUntil('Z').back().type == 'Z');
  // As if those had been on their way.
  REQUIRE(first.send(query("COPY t FROM STDIN")));
  (void)first.receiveUntil('G');
  REQUIRE(first.send(rawMessage('d', "bad\nbad\n") + rawMessage('d', std::string(70'000, '\n'))));
  CHECK(first.receiveUntil('Z').back().type == 'Z');
  Pq second = scene.connect();
  REQUIRE(second.exec("BEGIN").ok);
  REQUIRE(first.send(rawMessage('d', "late\n") + rawMessage('c', "")));
  CHECK(first.silentFor(std::chrono::milliseconds(500)));  // No 53300 after wait_timeout.
  REQUIRE(second.exec("COMMIT").ok);
  REQUIRE(first.send(query("SELECT 'on'")));
  checkOwnAnswer(first, "on");
}

}  // namespace peerpool::testing
