// DISCARD ALL and SET: when a server may be used again, and when it must go.

#include "proxy/postgres/server_preparation.h"

#include <catch2/catch.hpp>
#include <string>

using namespace peerpool;
using postgres::ServerParameters;
using postgres::ServerPreparation;
using Step = ServerPreparation::Step;

namespace {

std::string errorBody(const std::string& sqlstate) {
  return "SERROR" + std::string(1, '\0') + "C" + sqlstate + '\0' + "Mno" + std::string(2, '\0');
}

// Feeds answers: Z, z (in a transaction), C (of DISCARD ALL), S (of SET), 1 (57014), 2 (another
// error), A, ? (unexpected).
struct Run {
  explicit Run(bool reset, const std::string& set_statement) {
    preparation.start(reset ? &peerpool::postgres::discardAll() : nullptr, set_statement, sent);
  }
  Step feed(const std::string& answers) {
    Step step = Step::Continue;
    for (const char answer : answers) {
      REQUIRE(step == Step::Continue);
      step = feedOne(answer);
    }
    return step;
  }
  Step feedOne(char answer) {
    switch (answer) {
      case 'Z':
      case 'z':
        return message('Z', answer == 'Z' ? "I" : "T");
      case '1':
        return message('E', errorBody("57014"));
      case '2':
        return message('E', errorBody("22023"));
      case 'C':
        return message('C', std::string("DISCARD ALL") + '\0');
      case 'S':
        return message('C', std::string("SET") + '\0');
      default:
        return message(answer, "");
    }
  }
  Step message(char type, const std::string& body) {
    return preparation.onMessage(type, asBytes(body), parameters, sent);
  }

  ServerPreparation preparation;
  ServerParameters parameters;
  std::string sent;
};

std::string query(const std::string& sql) {
  std::string out = "Q";
  appendUint32(out, static_cast<std::uint32_t>(sql.size() + 5));
  return out + sql + '\0';
}

}  // namespace

TEST_CASE("a server is reset and set in one flight, and done when both were answered") {
  Run both(true, "SET a TO '1'");
  CHECK(both.sent == query("DISCARD ALL") + query("SET a TO '1'"));
  CHECK(both.feed("CZ") == Step::Continue);
  CHECK(both.feed("SZ") == Step::Done);
  CHECK_FALSE(both.preparation.error());
  Run set_only(false, "SET a TO '1'");
  CHECK(set_only.sent == query("SET a TO '1'"));
  CHECK(set_only.feed("ASZ") == Step::Done);
}

TEST_CASE("an error of the SET is the client's, and leaves a usable server") {
  Run run(true, "SET a TO 'bad'");
  CHECK(run.feed("CZ2Z") == Step::Done);
  REQUIRE(run.preparation.error());
  CHECK(run.preparation.error()->sqlstate == "22023");
}

TEST_CASE("a server that was not reset is of no use") {
  for (const char* answers : {"2", "Cz", "D", "R", "S", "Z"}) {
    CAPTURE(answers);
    Run run(true, "");
    CHECK(run.feed(answers) == Step::Failed);
    CHECK(run.preparation.error());
  }
}

TEST_CASE("a cancel that comes late hits DISCARD ALL once, and it is sent again with all else") {
  Run run(true, "SET a TO '1'");
  const std::string flight = run.sent;
  run.sent.clear();
  CHECK(run.feed("1ZS") == Step::Continue);
  CHECK(run.sent.empty());
  CHECK(run.feed("Z") == Step::Continue);
  CHECK(run.sent == flight);
  SECTION("once") {
    CHECK(run.feed("CZSZ") == Step::Done);
    CHECK_FALSE(run.preparation.error());
  }
  SECTION("twice is no accident") { CHECK(run.feed("1") == Step::Failed); }
}
