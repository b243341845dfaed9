// The protocol byte by byte, at the real socket: what libpq never sends, or never shows.

#include <catch2/catch.hpp>

#include "proxy/base/bytes.h"
#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

constexpr std::uint32_t kSslRequest = 80877103;
constexpr std::uint32_t kGssRequest = 80877104;
constexpr std::uint32_t kCancelRequest = 80877102;

std::string number(std::uint32_t value) {
  std::string bytes;
  appendUint32(bytes, value);
  return bytes;
}

std::string encryptionRequest(std::uint32_t code) { return number(8) + number(code); }

std::string startup(std::uint32_t version = kProtocol30,
                    std::vector<std::pair<std::string, std::string>> more = {}) {
  more.insert(more.begin(), {{"user", "app"}, {"database", "shop"}});
  return startupPacket(version, more);
}

std::string query(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

// The first message of `type`, or one of type 0.
RawMessage pick(const std::vector<RawMessage>& messages, char type) {
  for (const RawMessage& message : messages) {
    if (message.type == type) {
      return message;
    }
  }
  return {};
}

}  // namespace

TEST_CASE("requests for encryption are answered N, each once, in either order") {
  Scene scene({.rules = everybodyMayBe("app")});
  for (const auto& codes : {std::pair{kSslRequest, kGssRequest}, {kGssRequest, kSslRequest}}) {
    RawClient client(scene.socketPath());
    REQUIRE(client.send(encryptionRequest(codes.first)));
    CHECK(client.receive(1) == "N");
    REQUIRE(client.send(encryptionRequest(codes.second)));
    CHECK(client.receive(1) == "N");
    REQUIRE(client.send(startup()));
    CHECK(client.receiveUntil('Z').back().type == 'Z');
  }
  RawClient twice(scene.socketPath());
  REQUIRE(twice.send(encryptionRequest(kSslRequest)));
  CHECK(twice.receive(1) == "N");
  REQUIRE(twice.send(encryptionRequest(kSslRequest)));
  const std::optional<std::string> rest = twice.receiveUntilClosed();
  REQUIRE(rest);
  CHECK(rest->find('N') != 0);
}

TEST_CASE("a login ends with parameters, a cancel key of our own, and ready for query") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startup()));
  const std::vector<RawMessage> messages = client.receiveUntil('Z');
  REQUIRE_FALSE(messages.empty());
  CHECK(messages.front().type == 'R');
  CHECK(messages.front().body == number(0));
  CHECK(messages.back().body == "I");
  bool server_version = false;
  for (const RawMessage& message : messages) {
    server_version |= message.type == 'S' && message.body.rfind("server_version\0", 0) == 0;
  }
  CHECK(server_version);
  REQUIRE(pick(messages, 'K').body.size() == 8);
  RawClient other(scene.socketPath());
  REQUIRE(other.send(startup()));
  CHECK(pick(other.receiveUntil('Z'), 'K').body != pick(messages, 'K').body);
}

TEST_CASE("Protocol 3.x: a newer one and unknown options are negotiated down") {
  Scene scene({.workers = 2, .rules = everybodyMayBe("app")});
  for (const std::uint32_t version : {kProtocol32 + 1, std::uint32_t{0x00030000 + 9999}}) {
    RawClient newer(scene.socketPath());
    REQUIRE(newer.send(startup(version, {{"_pq_.grease", "x"}})));
    const std::vector<RawMessage> messages = newer.receiveUntil('Z');
    REQUIRE_FALSE(messages.empty());
    CHECK(typesOf(messages).rfind("vR", 0) == 0);
    CHECK(typesOf(messages).find('v', 1) == std::string::npos);  // Once.
    CHECK(messages.front().body ==
          number(kProtocol32) + number(1) + std::string("_pq_.grease") + '\0');
    CHECK(messages.back().type == 'Z');
    CHECK(pick(messages, 'K').body.size() == 4 + 32);
  }
  RawClient spoken(scene.socketPath());
  REQUIRE(spoken.send(startup(kProtocol32)));
  const std::vector<RawMessage> messages = spoken.receiveUntil('Z');
  CHECK(pick(messages, 'v').type == '\0');
  const std::string key = pick(messages, 'K').body;
  REQUIRE(key.size() == 4 + 32);
  CHECK((static_cast<unsigned char>(key[0]) & 0x80U) == 0);  // Old pg_basebackup wants it positive.
  CHECK(key.substr(4, 16) != key.substr(20));

  RawClient never(scene.socketPath());
  REQUIRE(never.send(startup(kProtocol30 + 1)));
  const std::vector<RawMessage> as_18 = never.receiveUntil('Z');
  CHECK(pick(as_18, 'v').type == '\0');
  CHECK(pick(as_18, 'K').body.size() == 8);

  RawClient options(scene.socketPath());
  REQUIRE(options.send(startup(kProtocol30, {{"_pq_.fancy", "1"}})));
  CHECK(pick(options.receiveUntil('Z'), 'v').body ==
        number(kProtocol30) + number(1) + std::string("_pq_.fancy") + '\0');

  RawClient plain(scene.socketPath());
  REQUIRE(plain.send(startup()));
  CHECK(pick(plain.receiveUntil('Z'), 'v').type == '\0');
}

TEST_CASE("a startup packet that comes byte by byte is understood") {
  Scene scene({.rules = everybodyMayBe("app")});
  RawClient client(scene.socketPath());
  for (const char byte : startup()) {
    REQUIRE(client.send({&byte, 1}));
  }
  CHECK(client.receiveUntil('Z').back().type == 'Z');
}

TEST_CASE("a query sent right behind the startup packet is answered") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startup() + query("SELECT 7") + query("SELECT 8")));
  CHECK(client.receiveUntil('Z').back().type == 'Z');
  CHECK(typesOf(client.receiveUntil('Z')) == "TDCZ");
  CHECK(typesOf(client.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE("a cancel request is closed without a word") {
  Scene scene({.rules = everybodyMayBe("app")});
  RawClient session(scene.socketPath());
  REQUIRE(session.send(startup()));
  const std::string key = pick(session.receiveUntil('Z'), 'K').body;
  for (const std::string& tried : {key, number(1) + number(2)}) {
    RawClient cancel(scene.socketPath());
    REQUIRE(cancel.send(number(16) + number(kCancelRequest) + tried));
    CHECK(cancel.receiveUntilClosed() == "");
  }
  REQUIRE(session.send(query("SELECT 1")));
  CHECK(typesOf(session.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE("garbage instead of a startup packet is refused and harms nobody") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  const std::string version = number(kProtocol30);
  const std::string garbage[] = {
      number(0),
      number(3) + "abc",
      number(4),
      number(7) + "abc",
      number(0xffffffff) + version,
      number(0x7fffffff) + version,
      number(20000) + version,
      startup(0x00020000),
      startup(0x00040000),
      number(8) + version,
      number(9) + version + '\0',
      number(13) + version + "user" + 'x',
      number(14) + version + std::string("user\0x", 6),
      number(16) + version + std::string("user\0\0\0x", 8),
      number(16) + number(12345) + "whatever",
      number(8) + number(kCancelRequest),
      number(12) + number(kCancelRequest) + "abcd",
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      std::string(64, '\xff'),
  };
  for (const std::string& bytes : garbage) {
    CAPTURE(bytes);
    RawClient client(scene.socketPath());
    client.send(bytes);
    client.shutdownWrite();
    const std::optional<std::string> answer = client.receiveUntilClosed();
    REQUIRE(answer);
    CHECK((answer->empty() || answer->front() == 'E'));
  }
  CHECK(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
}

TEST_CASE("messages that make no sense end the session not the proxy (check 41)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  const std::string nonsense[] = {
      std::string("Q") + number(0),
      std::string("Q") + number(3),
      std::string("Q") + number(0xffffffff),
      rawMessage('~', "what"),
      rawMessage('R', number(0)),
      rawMessage('p', std::string("secret\0", 7)),
      std::string(64, '\0'),
  };
  for (const std::string& bytes : nonsense) {
    CAPTURE(bytes);
    RawClient client(scene.socketPath());
    REQUIRE(client.send(startup()));
    REQUIRE(client.receiveUntil('Z').back().type == 'Z');
    client.send(bytes);
    CHECK(client.receiveUntilClosed().has_value());
  }
  CHECK(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
}

TEST_CASE("a client that says nothing is closed after the login timeout") {
  Scene scene(
      {.rules = everybodyMayBe("app"), .listener = "    limits: { login_timeout: 300ms }\n"});
  RawClient silent(scene.socketPath());
  RawClient slow(scene.socketPath());
  REQUIRE(slow.send(startup().substr(0, 10)));
  for (RawClient* client : {&silent, &slow}) {
    const std::optional<std::string> answer = client->receiveUntilClosed();
    REQUIRE(answer);
    CHECK(answer->find("57P05") != std::string::npos);
  }
}

TEST_CASE("requests sent in one go are answered in order") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 1\n"});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startup()));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  const std::string nul(1, '\0');
  const auto parse = [&](const std::string& sql) {
    return rawMessage('P', nul + sql + nul + std::string(2, '\0'));
  };
  const std::string bind = rawMessage('B', std::string(8, '\0'));
  const std::string execute = rawMessage('E', std::string(5, '\0'));
  const std::string sync = rawMessage('S', "");
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += parse("SELECT " + std::to_string(i)) + bind + execute + sync;
  }
  REQUIRE(client.send(all + parse("SELECT 1/0") + bind + execute + bind + execute + sync +
                      query("SELECT 99")));
  for (int i = 0; i < 50; ++i) {
    const std::vector<RawMessage> answer = client.receiveUntil('Z');
    REQUIRE(typesOf(answer) == "12DCZ");
    CHECK(pick(answer, 'D').body.find(std::to_string(i)) != std::string::npos);
  }
  CHECK(typesOf(client.receiveUntil('Z')) == "1E(22012)Z");
  CHECK(typesOf(client.receiveUntil('Z')) == "TDCZ");
}

TEST_CASE("a flush without a sync keeps the server until the sync") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 1\n"});
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startup()));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  REQUIRE(client.send(rawMessage('P', std::string("\0SELECT 5\0\0\0", 12)) + rawMessage('H', "")));
  CHECK(typesOf(client.receiveUntil('1')) == "1");
  REQUIRE(client.send(rawMessage('B', std::string(8, '\0')) +
                      rawMessage('E', std::string(5, '\0')) + rawMessage('S', "")));
  CHECK(typesOf(client.receiveUntil('Z')) == "2DCZ");
}

TEST_CASE("a startup packet that grows too long on its way to the backend is refused (check 31)") {
  Scene scene({.rules = everybodyMayBe("app")});
  // Without a database ours is as long as PostgreSQL allows; the server's names one.
  const std::string empty = startupPacket(kProtocol30, {{"user", "app"}, {"search_path", ""}});
  const std::string path(10'004 - empty.size(), 'x');
  for (const char* database : {"", "shop"}) {
    RawClient client(scene.socketPath());
    std::vector<std::pair<std::string, std::string>> parameters = {{"user", "app"}};
    if (*database != '\0') {
      parameters.emplace_back("database", database);
    }
    parameters.emplace_back("search_path", path);
    REQUIRE(client.send(startupPacket(kProtocol30, parameters)));
    CHECK(client.receiveUntil('E').back().field('C') == "08P01");
  }
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("what is asked for in front of a Terminate is carried out and answered") {
  const std::string mode = GENERATE(as<std::string>{}, "transaction", "session");
  const bool queued = GENERATE(false, true);
  CAPTURE(mode, queued);
  const Scene scene({.rules = everybodyMayBe("app"),
                     .pools = "  mode: " + mode + "\n  size: 1\n  wait_timeout: 60s\n"});
  REQUIRE(
      scene.postgres().superuser("shop").exec("CREATE TABLE t (a int); GRANT ALL ON t TO app").ok);
  std::optional<Pq> holder;
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startup()));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  if (queued) {
    holder.emplace(scene.connect());
    REQUIRE(holder->exec("BEGIN").ok);
  }
  REQUIRE(client.send(queryMessage("SELECT pg_sleep(0.2)") +
                      queryMessage("INSERT INTO t VALUES (1)") + rawMessage('X', "")));
  holder.reset();
  CHECK(typesOf(client.receiveUntil('Z')) == "TDCZ");
  CHECK(typesOf(client.receiveUntil('Z')) == "CZ");
  CHECK(client.receiveUntilClosed() == "");
  CHECK(scene.connect().exec("SELECT count(*) FROM t").value() == "1");
}

}  // namespace peerpool::testing
