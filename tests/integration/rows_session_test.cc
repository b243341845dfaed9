// What a pooler that takes another's place must get right in a session, one test for each row.

#include <catch2/catch.hpp>
#include <chrono>

#include "proxy/base/bytes.h"
#include "tests/integration/rows.h"

namespace peerpool::testing {

TEST_CASE("Flush without Sync: all is answered, and the server stays up to the Sync") {
  const Scene scene(oneServerFor());
  Talker first(scene);
  Talker second(scene);
  const std::string flush = rawMessage('H', "");
  CHECK(first.ask(asParse("", "SELECT 5") + about('D', "") + flush, 'T') == "1tT");
  REQUIRE(second.raw().send(asQuery("SELECT 6")));
  CHECK(second.raw().silentFor(std::chrono::milliseconds(50)));
  CHECK(first.ask(asBind("") + asExecute() + flush, 'C') == "2D(5)C");
  CHECK(second.raw().silentFor(std::chrono::milliseconds(50)));
  CHECK(first.ask(asSync()) == "Z");
  CHECK(second.ask("") == "TD(6)CZ");
}

TEST_CASE("Pipelining: the server is released behind the last answer only") {
  const Scene scene(oneServerFor());
  Talker first(scene);
  Talker second(scene);
  REQUIRE(first.raw().send(asQuery("SELECT 1") + asQuery("SELECT pg_sleep(0.2)") +
                           asParse("", "SELECT 3") + asBind("") + asExecute() + asSync() +
                           asSync()));
  CHECK(second.ask(asQuery("SELECT 'second'")) == "TD(second)CZ");
  CHECK(first.ask("") == "TD(1)CZ");
  CHECK(first.ask("") == "TDCZ");
  CHECK(first.ask("") == "12D(3)CZ");
  CHECK(first.ask("") == "Z");
}

TEST_CASE("Error in pipeline: what was thrown away is not there, what was closed still is") {
  const Scene scene(oneServerFor());
  Talker client(scene);
  CHECK(client.ask(asParse("kept", "SELECT 'kept'") + asSync()) == "1Z");
  CHECK(client.ask(asParse("", "SELECT 1 / count(*) FROM pg_class WHERE false") + asBind("") +
                   asExecute() + asParse("never", "SELECT 1") + about('C', "kept") + asSync()) ==
        "12E(22012)Z");
  CHECK(client.ask(asBind("never") + asSync()) == "E(26000)Z");
  CHECK(client.ask(asBind("kept") + asExecute() + asSync()) == "2D(kept)CZ");
  CHECK(client.ask(asParse("never", "SELECT 2") + asSync()) == "1Z");
}

TEST_CASE("Faked replies: each answer is in its place between the real ones") {
  const Scene scene(oneServerFor());
  Talker first(scene);
  Talker second(scene);
  CHECK(first.ask(asParse("a", "SELECT 1") + about('D', "a") + about('C', "b") +
                  asParse("b", "SELECT 2") + about('C', "a") + asBind("b") + asExecute() +
                  asSync()) == "1tT3132D(2)CZ");
  CHECK(second.ask(asParse("b", "SELECT 3") + asBind("b") + asExecute() + asSync()) == "12D(3)CZ");
  CHECK(first.ask(asBind("b") + asExecute() + about('D', "b") + asSync()) == "2D(2)CtTZ");
}

TEST_CASE("Parse failing on the server: the statement is not there, its name is free") {
  const Scene scene(oneServerFor());
  Talker client(scene);
  CHECK(client.ask(asParse("a", "SELEC 1") + asSync()) == "E(42601)Z");
  CHECK(client.ask(asBind("a") + asSync()) == "E(26000)Z");
  CHECK(client.ask(asParse("a", "SELECT 1") + asSync()) == "1Z");
  CHECK(client.ask(asParse("a", "SELECT 2") + asSync()) == "E(42P05)Z");
  CHECK(client.ask(asBind("a") + asExecute() + asSync()) == "2D(1)CZ");
}

TEST_CASE("DEALLOCATE ALL and DISCARD ALL: all names are free, also for what is pipelined behind") {
  const Scene scene(oneServerFor());
  const std::string all = GENERATE(as<std::string>{}, "DEALLOCATE ALL", "DISCARD ALL");
  CAPTURE(all);
  Talker client(scene);
  CHECK(client.ask(asParse("a", "SELECT 1") + asParse("b", "SELECT 2") + asSync()) == "11Z");
  CHECK(client.ask(asQuery(all) + asParse("a", "SELECT 3") + asSync()) == "CZ");
  CHECK(client.ask("") == "1Z");
  CHECK(client.ask(asBind("b") + asSync()) == "E(26000)Z");
  CHECK(client.ask(asBind("a") + asExecute() + asSync()) == "2D(3)CZ");
}

TEST_CASE("Close of an unknown name: CloseComplete") {
  const Scene scene(oneServerFor());
  Talker client(scene);
  CHECK(client.ask(about('C', "nobody") + rawMessage('C', std::string("Pnobody\0", 8)) +
                   asSync()) == "33Z");
}

TEST_CASE("Big Parse and Bind, and names longer than any buffer") {
  const Scene scene(oneServerFor());
  Talker client(scene);
  const std::string big(300'000, 'x');
  CHECK(client.ask(asParse("", "SELECT length('" + big + "')") + asBind("") + asExecute() +
                   asSync()) == "12D(300000)CZ");
  std::string bind = std::string(2, '\0') + std::string(2, '\0') + std::string("\0\1", 2);
  appendUint32(bind, static_cast<std::uint32_t>(big.size()));
  bind += big + std::string(2, '\0');
  CHECK(client.ask(asParse("", "SELECT length($1::text)") + rawMessage('B', bind) + asExecute() +
                   asSync()) == "12D(300000)CZ");
  const std::string name(10'000, 'n');
  CHECK(client.ask(asParse(name, "SELECT 1") + asSync()) == "1Z");
  CHECK(client.ask(asBind(name.substr(0, 63)) + asExecute() + asSync()) == "2D(1)CZ");
}

TEST_CASE("COPY in: an error before CopyDone, and late CopyData, reach nobody else") {
  const Scene scene(oneServerFor());
  Talker first(scene);
  Talker second(scene);
  CHECK(first.ask(asQuery("CREATE TABLE numbers (n int)")) == "CZ");
  CHECK(first.ask(asQuery("COPY numbers FROM STDIN"), 'G') == "G");
  const std::string data = rawMessage('d', "1\nnot a number\n");
  CHECK(first.ask(data) == "E(22P02)Z");
  CHECK(second.ask(asQuery("SELECT 2")) == "TD(2)CZ");
  CHECK(first.ask(data + rawMessage('c', "") + asQuery("SELECT count(*) FROM numbers")) ==
        "TD(0)CZ");
  CHECK(first.ask(asQuery("COPY numbers FROM STDIN"), 'G') == "G");
  // A Sync within is no request.
  CHECK(first.ask(rawMessage('d', "7\n") + asSync() + rawMessage('c', "")) == "CZ");
  CHECK(second.ask(asQuery("SELECT * FROM numbers")) == "TD(7)CZ");
  CHECK(first.ask(asQuery("SELECT 1")) == "TD(1)CZ");
}

TEST_CASE("COPY out: rows pass through, whatever their size") {
  const Scene scene(oneServerFor());
  Talker client(scene);
  CHECK(client.ask(
            asQuery("COPY (SELECT repeat('x', 200000) FROM generate_series(1, 3)) TO STDOUT")) ==
        "HdddcCZ");
}

TEST_CASE(
    "Client vanishes in a transaction or mid-query: the next one gets the same server, clean") {
  const std::string before = GENERATE(as<std::string>{}, "BEGIN; CREATE TEMP TABLE leak (a int)",
                                      "BEGIN; SELECT 1/0", "SELECT pg_sleep(60)");
  CAPTURE(before);
  const Scene scene(oneServerFor());
  Talker second(scene);
  const std::string pid = second.ask(asQuery("SELECT pg_backend_pid()"));
  {
    Talker first(scene);
    REQUIRE(first.raw().send(asQuery(before)));
    if (before.find("sleep") == std::string::npos) {
      CHECK(first.ask("").back() == 'Z');
    }
  }
  CHECK(second.ask(asQuery("SELECT pg_backend_pid()")) == pid);
  CHECK(second.ask(asQuery("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")) ==
        "TD(0)CZ");
}

TEST_CASE("Client sends Terminate while idle in session mode: its server is reset") {
  const Scene scene(oneServerFor("  mode: session\n  size: 1\n  wait_timeout: 30s\n"));
  std::string pid;
  {
    Talker first(scene);
    pid = first.ask(asQuery("SELECT pg_backend_pid()"));
    CHECK(first.ask(asQuery("SET work_mem = '9MB'")) == "CZ");
    REQUIRE(first.raw().send(rawMessage('X', "")));
    CHECK(first.raw().receiveUntilClosed() == "");
  }
  Talker second(scene);
  CHECK(second.ask(asQuery("SELECT pg_backend_pid()")) == pid);
  CHECK(second.ask(asQuery("SHOW work_mem")) == "TD(4MB)CZ");
}

TEST_CASE("Statement mode: BEGIN ends the session with a message about transaction blocks") {
  const Scene scene(oneServerFor("  mode: statement\n  size: 1\n"));
  Talker client(scene);
  CHECK(client.ask(asQuery("SELECT 1")) == "TD(1)CZ");
  REQUIRE(client.raw().send(asQuery("BEGIN")));
  const auto told = client.raw().receiveUntil('E');
  REQUIRE(told.back().type == 'E');
  CHECK(told.back().field('S') == "FATAL");
  CHECK(told.back().field('M').find("transaction blocks") != std::string::npos);
  Talker other(scene);
  CHECK(other.ask(asQuery("SELECT 1")) == "TD(1)CZ");
}

TEST_CASE("NotificationResponse: it comes to an idle listener, and is no answer") {
  const Scene scene(oneServerFor("  mode: transaction\n  size: 2\n"));
  Talker listener(scene);
  Talker other(scene);
  CHECK(listener.ask(asQuery("LISTEN news")) == "CZ");
  CHECK(other.ask(asQuery("NOTIFY news, 'first'")) == "CZ");
  CHECK(listener.ask("", 'A') == "A");
  for (int i = 0; i < 3; ++i) {
    CHECK(other.ask(asQuery("NOTIFY news, 'more'")) == "CZ");
    const std::string answers = listener.ask(asQuery("SELECT 1"));
    std::string without;
    for (const char type : answers) {
      without += type == 'A' ? "" : std::string(1, type);
    }
    CHECK(without == "TD(1)CZ");
  }
}

}  // namespace peerpool::testing
