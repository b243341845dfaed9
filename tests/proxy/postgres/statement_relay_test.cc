// What a server gets for each message about a statement, and what becomes of its answers.

#include "proxy/postgres/statement_relay.h"

#include <catch2/catch.hpp>

using namespace peerpool;
using namespace peerpool::postgres;

namespace {

using Answer = SentStatement::Answer;

std::string message(char type, const std::string& body) {
  std::string out(1, type);
  appendUint32(out, static_cast<std::uint32_t>(4 + body.size()));
  return out + body;
}
std::string text(const std::string& value) { return value + '\0'; }
std::string parse(const std::string& name, const std::string& sql) {
  return message('P', text(name) + text(sql) + std::string(2, '\0'));
}
std::string bind(const std::string& portal, const std::string& name, const std::string& rest) {
  return message('B', text(portal) + text(name) + rest);
}
std::string about(char type, const std::string& name) { return message(type, "S" + text(name)); }
std::string query(const std::string& sql) { return message('Q', text(sql)); }

/// One client at one server after the other.
struct Scene {
  /// What the server gets for one message that the client sends.
  std::string pass(const std::string& input) {
    const auto scan = scanner.scan(asBytes(input), tracker, {.names = true, .words = true});
    if (scan.stop != ClientScanner::Stop::Named) {
      return input.substr(0, scan.length);
    }
    StatementRelay relay(table, client, settings, unsure, *server, tracker, status);
    const ClientScanner::Named named = scanner.peekNamed(asBytes(input));
    waits = relay.mustWait(named);
    scanner.skipNamed(asBytes(input));
    std::string out = relay.pass(named, asBytes(input).first(named.length));
    effect = relay.effect();
    return out;
  }
  /// The server answers the next message it got with one of `type`.
  Answer answer(char type) {
    const bool concerned = server->nextPosition() == tracker.done();
    tracker.onAnswer(true);
    if (!concerned) {
      return Answer::Pass;
    }
    CHECK((type == '1' || type == '3'));
    return server->takeAnswered();
  }
  void fail() {
    tracker.onError();
    server->undo(tracker.done(), client);
  }
  void sync() {
    tracker.onClientMessage('S');
    REQUIRE(tracker.onReadyForQuery());
  }
  void move() {
    servers.emplace_back();
    server = &servers.back();
    tracker = SyncTracker();
  }

  StatementTable table;
  ClientStatements client;
  WantedParameters settings;
  std::deque<ServerStatements> servers{1};
  ServerStatements* server = &servers.back();
  SyncTracker tracker;
  ClientScanner scanner;
  char status = 'I';
  bool unsure = false;
  SessionEffect effect;
  bool waits = false;
};

}  // namespace

TEST_CASE("a statement is parsed once on each server, under a name of the server's") {
  Scene scene;
  CHECK(scene.pass(parse("a", "SELECT 1")) == parse("peerpool_1", "SELECT 1"));
  CHECK(scene.answer('1') == Answer::Pass);
  CHECK(scene.pass(bind("p", "a", "rest")) == bind("p", "peerpool_1", "rest"));
  CHECK(scene.answer('2') == Answer::Pass);
  CHECK(scene.pass(about('D', "a")) == about('D', "peerpool_1"));
  CHECK(scene.answer('T') == Answer::Pass);
  scene.sync();
  // The same text again, of whomever: parsed anew, in place of the other.
  CHECK(scene.pass(parse("b", "SELECT 1")) ==
        about('C', "peerpool_1") + parse("peerpool_2", "SELECT 1"));
  CHECK(scene.answer('3') == Answer::Swallow);
  CHECK(scene.answer('1') == Answer::Pass);
  CHECK(scene.pass(bind("", "b", "")) == bind("", "peerpool_2", ""));
  CHECK(scene.answer('2') == Answer::Pass);
  CHECK(scene.pass(bind("", "a", "")) == bind("", "peerpool_2", ""));
  scene.move();
  CHECK(scene.pass(bind("", "b", "")) ==
        parse("peerpool_1", "SELECT 1") + bind("", "peerpool_1", ""));
  CHECK(scene.answer('1') == Answer::Swallow);
  CHECK(scene.answer('2') == Answer::Pass);
  CHECK(scene.table.size() == 1);
}

TEST_CASE("names that are not the client's go as they are, but for those of the server") {
  Scene scene;
  CHECK(scene.pass(parse("a", "SELECT 1")) == parse("peerpool_1", "SELECT 1"));
  CHECK(scene.pass(bind("", "x", "")) == bind("", "x", ""));
  CHECK(scene.pass(about('D', "peerpool_x")) == about('D', "peerpool_x"));
  CHECK(scene.pass(bind("", "peerpool_1", "")) == bind("", "peerpool_1?", ""));
  CHECK(scene.pass(about('D', "peerpool_1")) == about('D', "peerpool_1?"));
  CHECK(scene.pass(about('C', "peerpool_1")) == about('C', "peerpool_1?"));
  CHECK(scene.pass(about('C', "a")) == about('C', "a"));
  CHECK(scene.client.empty());
  CHECK(scene.server->size() == 1);  // For the next who wants it.
}

TEST_CASE("what an error throws away is undone, on both sides, from the last to the first") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT 1")));
  CHECK(scene.answer('1') == Answer::Pass);
  scene.sync();
  static_cast<void>(scene.pass(bind("", "unknown", "")));
  static_cast<void>(scene.pass(about('C', "a")));
  static_cast<void>(scene.pass(parse("a", "SELECT 2")));
  static_cast<void>(scene.pass(about('C', "a")));
  static_cast<void>(scene.pass(parse("b", "SELECT 3")));
  scene.fail();
  REQUIRE(scene.client.find("a") != nullptr);
  CHECK(scene.client.find("a")->definition().substr(0, 8) == "SELECT 1");
  CHECK(scene.client.find("b") == nullptr);
  CHECK(scene.server->size() == 1);
  // Until the Sync all is thrown away.
  CHECK(scene.pass(parse("b", "SELECT 3")) == parse("b", "SELECT 3"));
  CHECK(scene.client.find("b") == nullptr);
}

TEST_CASE("what an earlier batch may undo is waited for, and nothing else") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT 1")));
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK_FALSE(scene.waits);
  scene.tracker.onClientMessage('S');
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK(scene.waits);
  static_cast<void>(scene.pass(parse("b", "SELECT 2")));
  CHECK_FALSE(scene.waits);
  CHECK(scene.answer('1') == Answer::Pass);
  static_cast<void>(scene.pass(about('C', "a")));
  CHECK_FALSE(scene.waits);
}

TEST_CASE("SQL that names a statement waits for a ReadyForQuery, if one will come") {
  const auto waits = [](const std::string& before, const std::string& answers) {
    Scene scene;
    static_cast<void>(scene.pass(parse("a", "SELECT 1")));
    static_cast<void>(scene.answer('1'));
    scene.sync();
    for (const char type : before) {
      scene.tracker.onClientMessage(type);
    }
    for (const char answer : answers) {
      answer == 'G' ? scene.tracker.onCopyIn() : scene.tracker.onError();
    }
    static_cast<void>(scene.pass(query("EXECUTE a")));
    return scene.waits;
  };
  CHECK_FALSE(waits("", ""));
  CHECK(waits("Q", ""));
  CHECK(waits("PS", ""));
  CHECK_FALSE(waits("P", ""));     // No Sync.
  CHECK(waits("Qdc", "G"));        // A COPY that the client has ended.
  CHECK_FALSE(waits("Q", "G"));    // The server waits for the end of a COPY,
  CHECK_FALSE(waits("ES", "GE"));  // may have thrown the Sync away,
  CHECK_FALSE(waits("EQ", "E"));   // or nobody knows what it owes.
}

TEST_CASE("behind the end of a COPY a statement is prepared, in its middle it is thrown away") {
  const bool ended = GENERATE(true, false);
  Scene scene;
  scene.tracker.onClientMessage('Q');
  scene.tracker.onCopyIn();
  if (ended) {
    scene.tracker.onClientMessage('c');
  }
  const std::string input = parse("a", "SET work_mem = '1MB'");
  CHECK((scene.pass(input) == input) == !ended);
  // In case the COPY has failed there already.
  CHECK(scene.server->distrusted() == !ended);
  CHECK((scene.effect.kind() == SessionEffect::Kind::State) == !ended);
}

TEST_CASE("the same text under other settings is another statement") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT '1.2.2020'::date")));
  static_cast<void>(scene.answer('1'));
  scene.settings.set(*trackedIndex("DateStyle"), "German");
  CHECK(scene.pass(parse("b", "SELECT '1.2.2020'::date")) ==
        parse("peerpool_2", "SELECT '1.2.2020'::date"));
  CHECK(scene.client.find("a") != scene.client.find("b"));
}

TEST_CASE("what is parsed while parameters may be others is nobody else's") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT 1")));
  CHECK_FALSE(scene.server->distrusted());
  scene.unsure = true;
  static_cast<void>(scene.pass(parse("b", "SELECT 1")));
  CHECK(scene.server->distrusted());
}

TEST_CASE("a statement that is parsed again under other settings is nobody else's") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT '1.2.2020'::date")));
  scene.move();
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK_FALSE(scene.server->distrusted());
  scene.settings.set(*trackedIndex("DateStyle"), "German");
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK_FALSE(scene.server->distrusted());
  scene.move();
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK(scene.server->distrusted());
}

TEST_CASE("what a statement may leave in the session it leaves when it is bound or executed") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT pg_advisory_lock(1)")));
  CHECK(scene.effect.kind() == SessionEffect::Kind::None);
  static_cast<void>(scene.answer('1'));
  static_cast<void>(scene.pass(bind("", "a", "")));
  CHECK(scene.effect.state() == StateKind::AdvisoryLock);
  static_cast<void>(scene.answer('2'));
  scene.sync();
  static_cast<void>(scene.pass(query("EXECUTE a")));
  CHECK(scene.effect.kind() == SessionEffect::Kind::State);
  CHECK(scene.effect.state() == StateKind::AdvisoryLock);
}

TEST_CASE("the unnamed statement of another client is closed before it can be met") {
  Scene scene;
  CHECK(scene.pass(bind("p", "", "rest")) == about('C', "") + bind("p", "", "rest"));
  CHECK(scene.answer('3') == Answer::Swallow);
  CHECK(scene.pass(about('D', "")) == about('D', ""));
  scene.move();
  CHECK(scene.pass(about('D', "")) == about('C', "") + about('D', ""));
  scene.move();
  CHECK(scene.pass(query("SELECT 1")) == query("SELECT 1"));
  CHECK(scene.pass(bind("p", "", "rest")) == bind("p", "", "rest"));
}

TEST_CASE("a used name brings PostgreSQL's own error") {
  Scene scene;
  static_cast<void>(scene.pass(parse("a", "SELECT 1")));
  CHECK(scene.answer('1') == Answer::Pass);
  CHECK(scene.pass(parse("a", "SELECT 2")) == parse("a", "SELECT 2") + parse("a", "SELECT 2"));
  CHECK(scene.answer('1') == Answer::Swallow);
  scene.fail();
  CHECK(scene.client.find("a")->definition().substr(0, 8) == "SELECT 1");
  CHECK(scene.server->distrusted());
}

TEST_CASE("SQL that names a statement finds it there") {
  Scene scene;
  const auto remember = [&] {
    static_cast<void>(scene.pass(parse("a", "SELECT 1")));
    static_cast<void>(scene.answer('1'));
    scene.sync();
  };
  remember();
  CHECK(scene.pass(query("EXECUTE a")) ==
        about('C', "a") + parse("a", "SELECT 1") + query("EXECUTE a"));
  CHECK(scene.answer('3') == Answer::Swallow);
  CHECK(scene.answer('1') == Answer::Swallow);
  CHECK(scene.server->distrusted());
  CHECK(scene.pass(query("EXECUTE other")) == query("EXECUTE other"));
  scene.move();
  scene.status = 'E';
  CHECK(scene.pass(query("DEALLOCATE a")) == query("DEALLOCATE a"));
  CHECK(scene.client.find("a") != nullptr);
  scene.status = 'I';
  CHECK(scene.pass(query("DEALLOCATE a")) ==
        about('C', "a") + parse("a", "") + query("DEALLOCATE a"));
  CHECK(scene.client.find("a") == nullptr);
  CHECK(scene.pass(query("DEALLOCATE a")) == query("DEALLOCATE a"));
  scene.move();
  remember();
  CHECK(scene.pass(query("DISCARD ALL")) == query("DISCARD ALL"));
  CHECK(scene.client.empty());
}

TEST_CASE("a server keeps the statements that were used last") {
  Scene scene;
  const auto name = [](std::size_t i) { return "s" + std::to_string(i); };
  for (std::size_t i = 0; i < ServerStatements::kMost; ++i) {
    static_cast<void>(scene.pass(parse(name(i), "SELECT " + std::to_string(i))));
    static_cast<void>(scene.answer('1'));
  }
  static_cast<void>(scene.pass(bind("", "s0", "")));
  static_cast<void>(scene.answer('2'));
  CHECK(scene.pass(parse("more", "SELECT 'more'")) ==
        about('C', "peerpool_2") + parse("peerpool_201", "SELECT 'more'"));
  CHECK(scene.answer('3') == Answer::Swallow);
  CHECK(scene.answer('1') == Answer::Pass);
  CHECK(scene.server->size() == ServerStatements::kMost);
  // An eviction that did not take place.
  static_cast<void>(scene.pass(bind("", "unknown", "")));
  static_cast<void>(scene.pass(bind("", "s1", "")));
  scene.fail();
  scene.sync();
  CHECK(scene.server->size() == ServerStatements::kMost);
  CHECK(scene.pass(bind("", "s2", "")) == bind("", "peerpool_3", ""));
}

TEST_CASE("a client that has too much of them keeps its server instead") {
  Scene scene;
  const std::string sql(15'000, 'x');
  std::size_t kept = 0;
  while (scene.effect.kind() != SessionEffect::Kind::State) {
    static_cast<void>(scene.pass(parse("s" + std::to_string(kept), sql + std::to_string(kept))));
    ++kept;
    REQUIRE(kept < 100);
  }
  CHECK(kept > 50);
  CHECK(scene.server->distrusted());
}

TEST_CASE("a statement is forgotten with the last who has it") {
  StatementTable table;
  ClientStatements client;
  client.set("a", table.intern(asBytes("SELECT 1"), ""));
  client.set("b", table.intern(asBytes("SELECT 1"), ""));
  CHECK(client.find("a") == client.find("b"));
  CHECK(table.intern(asBytes("SELECT 1"), "DateStyle=German") != client.find("a"));
  CHECK(table.size() == 1);
  client.set("a", nullptr);
  CHECK(table.size() == 1);
  client.clear();
  CHECK(table.size() == 0);
}

TEST_CASE("a length that cannot be one ends the session, not the process") {
  for (const char type : {'P', 'B', 'D', 'C', 'Q'}) {
    for (const std::uint32_t length : {0U, 3U, 0x40000004U, 0x7fffffffU, 0xffffffffU}) {
      CAPTURE(type, length);
      std::string input(1, type);
      appendUint32(input, length);
      input += text("Sname") + text("name") + text("SELECT 1");
      ClientScanner scanner;
      SyncTracker tracker;
      const auto scan = scanner.scan(asBytes(input), tracker, {.names = true, .words = true});
      CHECK(scan.stop == ClientScanner::Stop::Violation);
      CHECK(scan.length == 0);
    }
  }
}

TEST_CASE("a message that goes on behind its name is the server's to refuse") {
  for (const char type : {'D', 'C'}) {
    Scene scene;
    static_cast<void>(scene.pass(parse("a", "SELECT 1")));
    const std::string odd = message(type, "S" + text("a") + "more");
    CHECK(scene.pass(odd) == odd);
    const std::string large = message(type, "S" + text("a") + std::string(20'000, 'x'));
    CHECK(scene.pass(large.substr(0, 17'000)) == large.substr(0, 17'000));
    CHECK(scene.client.find("a") != nullptr);
  }
}
