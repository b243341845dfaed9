// The tracker against a small model of PostgreSQL's main loop: random requests, random outcomes,
// read and answered in random order. What must hold after each step is checked after each step.

#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "proxy/postgres/sync_tracker.h"

using peerpool::postgres::SyncTracker;

namespace {

// PostgresMain() and CopyGetData(), messages as their types.
class Model {
 public:
  explicit Model(std::mt19937& random) : random_(random) {}

  // `index`: of the tracker's messages of the extended protocol, if it is one of them.
  void send(char type, std::optional<std::uint64_t> index) { input_.push_back({type, index}); }

  // Does one thing; its answers are in `output`. False: there is nothing to do.
  bool step() {
    if (copying_ && oneIn(5)) {
      failCopy();
      return true;
    }
    if (input_.empty()) {
      return false;
    }
    const auto [type, index] = input_.front();
    input_.pop_front();
    if (copying_) {
      readCopy(type);
      return true;
    }
    index_ = index;
    if (!discarding_ || type == 'S') {
      carryOut(type);
    }
    return true;
  }

  // Whatever is still to be read brings no answer and changes nothing.
  [[nodiscard]] bool atRest() const {
    std::string rest;
    for (const auto& message : input_) {
      rest += message.first;
    }
    return !copying_ && !discarding_ && !open_ && output.empty() &&
           rest.find_first_not_of("cdfH") == std::string::npos;
  }
  [[nodiscard]] bool ended() const { return ended_; }

  struct Answer {
    char type = 0;
    std::optional<std::uint64_t> index;  // Of the message that it answers.
  };
  std::deque<Answer> output;

 private:
  bool oneIn(unsigned count) { return random_() % count == 0; }
  void say(const char* answers) {
    for (; *answers != '\0'; ++answers) {
      output.push_back({*answers, index_});
    }
  }

  void carryOut(char type) {
    open_ = type == 'P' || type == 'E' || (open_ && type != 'S' && type != 'Q');
    if (type == 'S') {
      discarding_ = false;
      say("Z");
    } else if (type == 'Q') {
      carryOutQuery();
    } else if (type == 'P' || type == 'E') {
      if (oneIn(5)) {
        discarding_ = true;
        say("E");
      } else if (type == 'E' && oneIn(2)) {
        startCopy(false);
      } else {
        say(type == 'E' ? "-C" : "1");
      }
    }
  }

  void carryOutQuery() {
    if (oneIn(2)) {
      startCopy(true);
    } else {
      say(oneIn(5) ? "EZ" : "-CZ");
    }
  }

  void startCopy(bool by_query) {
    copying_ = true;
    by_query_ = by_query;
    say("G");
  }

  void readCopy(char type) {
    if (type == 'c' && !oneIn(4)) {
      copying_ = false;
      say("C");
      if (by_query_ && oneIn(4)) {
        startCopy(true);
      } else if (by_query_) {
        say("Z");
      }
    } else if (type != 'd' && type != 'S' && type != 'H') {
      failCopy();
      // Since PostgreSQL 14 a request in a COPY ends the connection; before, it was thrown away.
      ended_ = type != 'c' && type != 'f' && oneIn(2);
    }
  }

  void failCopy() {
    copying_ = false;
    say("E");
    if (by_query_) {
      say("Z");
    } else {
      discarding_ = true;
    }
  }

  std::mt19937& random_;
  std::deque<std::pair<char, std::optional<std::uint64_t>>> input_;
  std::optional<std::uint64_t> index_;
  bool copying_ = false;
  bool by_query_ = false;
  bool discarding_ = false;
  bool open_ = false;  // A batch without its Sync.
  bool ended_ = false;
};

// False: the answer can't be one.
bool hear(SyncTracker& tracker, char answer) {
  switch (answer) {
    case 'Z':
      return tracker.onReadyForQuery();
    case 'G':
      tracker.onCopyIn();
      return true;
    case 'C':
      tracker.onCommandComplete();
      return true;
    case 'E':
      tracker.onError();
      return true;
    case '1':
      tracker.onAnswer(true);
      return true;
    default:
      tracker.onAnswer();
      return true;
  }
}

// What a message of the extended protocol is answered with comes when all before it are done.
void checkPlace(const SyncTracker& tracker, const Model::Answer& answer, std::size_t& placed) {
  const bool last = answer.type == '1' || answer.type == 'C';
  if (last && answer.index && !tracker.lost()) {
    REQUIRE(tracker.done() == *answer.index + 1);
    ++placed;
  }
}

struct Counts {
  std::size_t placed = 0;
  std::size_t at_rest = 0;
  std::size_t uncertain = 0;
  std::size_t certain_again = 0;
};

void run(std::mt19937& random, Counts& counts) {
  const std::string letters = random() % 2 == 0 ? "QQQSddccf" : "PEEESSSddccfHQ";
  Model model(random);
  SyncTracker tracker;
  std::string story;
  bool was_uncertain = false;
  for (int turn = 0; turn < 60 && !model.ended(); ++turn) {
    const unsigned what = static_cast<unsigned>(random() % 5);
    if (what == 0 && turn < 40) {
      const char type = letters[random() % letters.size()];
      const std::uint64_t index = tracker.sent();
      tracker.onClientMessage(type);
      model.send(type, tracker.sent() > index ? std::optional(index) : std::nullopt);
      story += type;
    } else if (what <= 2) {
      (void)model.step();
    } else if (!model.output.empty()) {
      const Model::Answer answer = model.output.front();
      model.output.pop_front();
      story.append(">").append(1, answer.type);
      INFO(story);
      REQUIRE(hear(tracker, answer.type));
      checkPlace(tracker, answer, counts.placed);
    }
    if (tracker.atSyncPoint() && !model.atRest()) {
      FAIL("not at rest: " << story);
    }
    counts.certain_again += was_uncertain && !tracker.uncertain() ? 1U : 0U;
    was_uncertain = tracker.uncertain();
  }
  while (!model.ended() && model.step()) {
  }
  for (; !model.output.empty(); model.output.pop_front()) {
    story.append(">").append(1, model.output.front().type);
    INFO(story);
    REQUIRE(hear(tracker, model.output.front().type));
    checkPlace(tracker, model.output.front(), counts.placed);
  }
  if (model.ended()) {
    return;
  }
  if (tracker.atSyncPoint() != model.atRest() && !tracker.uncertain()) {
    FAIL("held without need, or not at rest: " << story);
  }
  counts.at_rest += tracker.atSyncPoint() ? 1U : 0U;
  counts.uncertain += tracker.uncertain() ? 1U : 0U;
}

}  // namespace

TEST_CASE("Whatever a client sends and PostgreSQL does, no server is let go that owes something") {
  std::mt19937 random(20240229);  // Same each time.
  Counts counts;
  for (int i = 0; i < 40'000; ++i) {
    run(random, counts);
  }
  // The model meets all that is to be told apart.
  CHECK(counts.at_rest > 1000);
  CHECK(counts.uncertain > 1000);
  CHECK(counts.certain_again > 1000);
  CHECK(counts.placed > 10'000);
}
