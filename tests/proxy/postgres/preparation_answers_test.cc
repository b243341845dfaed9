// Answers to DISCARD ALL and SET, and answers that are somebody else's.

#include "proxy/postgres/preparation_answers.h"

#include <catch2/catch.hpp>
#include <string>

using namespace peerpool;
using postgres::PreparationAnswers;

namespace {

// D is CommandComplete of DISCARD ALL, S of SET, C of a SELECT, E an error, Z ReadyForQuery. How
// many of them are taken for answers.
std::size_t taken(PreparationAnswers answers, const std::string& conversation) {
  std::size_t count = 0;
  for (const char message : conversation) {
    bool good = false;
    if (message == 'Z') {
      good = answers.onReadyForQuery();
    } else if (message == 'E') {
      good = answers.onError();
    } else {
      const std::string tag = message == 'D' ? "DISCARD ALL" : message == 'S' ? "SET" : "SELECT 1";
      good = answers.onCommandComplete(asBytes(tag + '\0'));
    }
    if (!good) {
      return count;
    }
    ++count;
  }
  CHECK(answers.done());
  return count;
}

}  // namespace

TEST_CASE("The answers to a preparation are taken") {
  PreparationAnswers reset;
  reset.expectReset(peerpool::postgres::discardAll());
  CHECK(reset.resetting());
  CHECK(taken(reset, "DZ") == 2);
  CHECK(taken(reset, "EZ") == 2);
  PreparationAnswers set;
  set.expectSet();
  CHECK_FALSE(set.resetting());
  CHECK(taken(set, "SSSZ") == 4);
  CHECK(taken(set, "SEZ") == 3);
  PreparationAnswers both = reset;
  both.expectSet();
  CHECK(taken(both, "DZSZ") == 4);
  CHECK(taken(both, "EZEZ") == 4);
}

TEST_CASE("A reset that keeps statements is answered for each of its commands, in their order") {
  const auto feed = [](PreparationAnswers& answers, std::size_t from, std::size_t to) {
    const char* const tags[] = {"CLOSE CURSOR ALL", "SET",      "RESET",
                                "UNLISTEN",         "SELECT 1", "DISCARD TEMP",
                                "DISCARD SEQUENCES"};
    for (std::size_t i = from; i < to; ++i) {
      if (!answers.onCommandComplete(asBytes(std::string(tags[i]) + '\0'))) {
        return false;
      }
    }
    return true;
  };
  PreparationAnswers answers;
  answers.expectReset(peerpool::postgres::discardAllButStatements());
  CHECK(answers.onRow());
  PreparationAnswers unfinished = answers;
  CHECK(feed(unfinished, 0, 6));
  CHECK_FALSE(unfinished.onReadyForQuery());
  PreparationAnswers other = answers;
  CHECK_FALSE(feed(other, 1, 7));
  REQUIRE(feed(answers, 0, 7));
  CHECK_FALSE(feed(answers, 6, 7));
  CHECK(answers.onReadyForQuery());
  CHECK(answers.done());
  CHECK_FALSE(answers.onRow());
}

TEST_CASE("Answers that the client before was owed are not taken") {
  PreparationAnswers both;
  both.expectReset(peerpool::postgres::discardAll());
  both.expectSet();
  struct Case {
    const char* conversation;
    std::size_t taken;
  };
  const Case cases[] = {
      {"ZDZSZ", 0},   // A ReadyForQuery too many in front,
      {"DZZSZ", 2},   // or between both,
      {"DZSZZ", 4},   // or behind them.
      {"CZDZSZ", 0},  // A whole answer too many.
      {"SZDZ", 0},   {"DDZ", 1}, {"DZDZ", 2}, {"DZSCZ", 3}, {"EEZ", 1}, {"EDZ", 1}, {"DZSZE", 4},
  };
  for (const Case& item : cases) {
    CAPTURE(item.conversation);
    CHECK(taken(both, item.conversation) == item.taken);
  }
  PreparationAnswers reset;
  reset.expectReset(peerpool::postgres::discardAll());
  CHECK_FALSE(reset.onCommandComplete(asBytes("DISCARD ALL")));  // No terminator.
}
