// When a server owes its client nothing more, told as the sequence of messages on the wire.

#include "proxy/postgres/sync_tracker.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

using peerpool::postgres::SyncTracker;

namespace {

// Plays a conversation: a client's message is its type; '>' stands in front of a server's answer: Z
// ReadyForQuery, G CopyInResponse, E ErrorResponse, C CommandComplete, - any other.
SyncTracker play(const std::string& conversation) {
  SyncTracker tracker;
  for (std::size_t i = 0; i < conversation.size(); ++i) {
    if (conversation[i] == ' ') {
      continue;
    }
    if (conversation[i] != '>') {
      tracker.onClientMessage(conversation[i]);
      continue;
    }
    ++i;
    switch (conversation[i]) {
      case 'Z':
        REQUIRE(tracker.onReadyForQuery());
        break;
      case 'G':
        tracker.onCopyIn();
        break;
      case 'C':
        tracker.onCommandComplete();
        break;
      case 'E':
        tracker.onError();
        break;
      case '1':
        tracker.onAnswer(true);
        break;
      default:
        tracker.onAnswer();
        break;
    }
  }
  return tracker;
}

enum class End : std::uint8_t {
  SyncPoint,
  Owing,      // Something is owed, and it is known what.
  Uncertain,  // Nobody can say whether more comes.
};

End endOf(const std::string& conversation) {
  const SyncTracker tracker = play(conversation);
  CHECK_FALSE((tracker.atSyncPoint() && tracker.uncertain()));
  return tracker.uncertain() ? End::Uncertain : tracker.atSyncPoint() ? End::SyncPoint : End::Owing;
}

struct Case {
  std::string name;
  std::string conversation;
  End end;
};

void checkAll(const std::vector<Case>& cases) {
  for (const Case& item : cases) {
    INFO(item.name << ": " << item.conversation);
    CHECK(endOf(item.conversation) == item.end);
  }
}

}  // namespace

TEST_CASE("A Sync around a COPY that fails leaves the count of answers uncertain") {
  struct Case {
    const char* client;
    bool uncertain;
  };
  for (const Case& item : {Case{"Q", false}, {"PBE", false}, {"PBES", true}, {"QS", true}}) {
    CAPTURE(item.client);
    SyncTracker tracker;
    for (const char type : std::string(item.client)) {
      tracker.onClientMessage(type);
    }
    CHECK_FALSE(tracker.uncertain());
    tracker.onCopyIn();
    CHECK(tracker.copyIn());
    CHECK_FALSE(tracker.uncertain());  // While it is read, each Sync is thrown away.
    tracker.onError();
    CHECK(tracker.uncertain() == item.uncertain);
  }
}

TEST_CASE("A server is at its sync point when nothing is owed and the batch is closed") {
  checkAll({
      {"nothing was sent", "", End::SyncPoint},
      {"simple query", "Q", End::Owing},
      {"simple query, on its way", "Q >- >C", End::Owing},
      {"simple query, answered", "Q >- >C >Z", End::SyncPoint},
      {"simple query, failed", "Q >E >Z", End::SyncPoint},
      {"two queries, one answer", "QQ >C >Z", End::Owing},
      {"two queries, both answered", "QQ >C >Z >C >Z", End::SyncPoint},
      {"function call", "F >- >Z", End::SyncPoint},
      {"Sync alone", "S >Z", End::SyncPoint},
      {"Flush alone", "H", End::SyncPoint},
      {"extended batch", "PBDES >- >- >- >C >Z", End::SyncPoint},
      {"extended batch without Sync", "PBDE >- >- >- >C", End::Owing},
      {"Flush keeps the server", "PBDEH >- >- >- >C", End::Owing},
      {"Flush, then Sync", "PH >- BES >- >C >Z", End::SyncPoint},
      {"the next batch has begun", "PBES P >- >- >C >Z", End::Owing},
      {"pipeline of two batches", "PBES PBES >- >- >C >Z", End::Owing},
      {"pipeline of two batches, answered", "PBES PBES >- >- >C >Z >- >- >C >Z", End::SyncPoint},
      {"a Query closes a batch, too", "PBE Q >- >- >C >C >Z", End::SyncPoint},
  });
}

TEST_CASE("After an error in a batch all up to the next Sync is thrown away") {
  checkAll({
      {"not closed", "PBE >- >E", End::Owing},
      {"closed", "PBE >- >E S >Z", End::SyncPoint},
      {"closed before the error was seen", "PBES >- >E >Z", End::SyncPoint},
      {"a Query is not answered", "PBE >E Q S >Z", End::SyncPoint},
      {"another batch is not answered", "PBE >E PBE S >Z", End::SyncPoint},
      {"the batch behind the Sync is", "PBES PBES >E >Z >- >- >C >Z", End::SyncPoint},
      {"with a Query behind it, which goes the same way", "PBE Q >1 >E S >Z", End::SyncPoint},
      {"or which failed itself, as all before it is answered", "PBE Q >1 >1 >C >E >Z",
       End::SyncPoint},
  });
}

TEST_CASE("A COPY that ends well has thrown away every Sync up to its end") {
  checkAll({
      {"by a query", "Q >G d d c >C >Z", End::SyncPoint},
      {"given up", "Q >G d f >E >Z", End::SyncPoint},
      {"not ended", "Q >G d d", End::Owing},
      {"two in one query", "Q >G d c >C >G d c >C >Z", End::SyncPoint},
      {"sent blindly", "Q d c >G >C >Z", End::SyncPoint},
      {"two sent blindly", "Q d c d c >G >C >G >C >Z", End::SyncPoint},
      {"with a Sync in front and behind", "Q S d c S >G >C >Z", End::Owing},
      {"with a Sync in front and behind, answered", "Q S d c S >G >C >Z >Z", End::SyncPoint},
      {"extended", "PBE H >- >- >G d c S >C >Z", End::SyncPoint},
      {"extended, sent blindly", "PBE d c S >- >- >G >C >Z", End::SyncPoint},
      {"extended, Sync before CopyInResponse", "PBES >- >- >G d c >C", End::Owing},
      {"extended, Sync before CopyInResponse, closed", "PBES >- >- >G d c S >C >Z", End::SyncPoint},
      {"extended, Sync inside", "PBEH >- >- >G d S d c S >C >Z", End::SyncPoint},
      {"extended, Sync before, sent blindly", "PBES d c S >- >- >G >C >Z", End::SyncPoint},
      {"an end that was meant for another query", "Q c Q >C >Z >G d c >C >Z", End::SyncPoint},
      {"it can't end before the client ends it", "Q >G d >C >Z", End::Uncertain},
  });
}

TEST_CASE("A COPY that fails leaves no doubt unless a Sync was sent into it") {
  checkAll({
      {"data comes late", "Q >G d >E >Z d c", End::SyncPoint},
      {"data comes late in a batch", "PBEH >- >- >G d >E d c S >Z", End::SyncPoint},
      {"not closed", "PBEH >- >- >G d >E d c", End::Owing},
      {"late end, then a query", "Q >E >Z c Q", End::Owing},
      {"late end, then a query, answered", "Q >E >Z c Q >C >Z", End::SyncPoint},
      {"it never began", "Q d c >E >Z", End::SyncPoint},
      {"a query behind its end", "Q d c Q >G >E >Z >C >Z", End::SyncPoint},
      {"a query in it may have been read", "Q Q >G >E >Z", End::Uncertain},
      {"a batch in it may have been read", "PBES PBES >- >- >G >E >Z", End::Uncertain},
      {"it may be either batch's", "PBE d c PBE S >- >- >G", End::Uncertain},
  });
}

TEST_CASE("A Sync that was sent into a COPY that failed is awaited until an answer tells") {
  checkAll({
      {"query: perhaps thrown away", "QS >G >E >Z", End::Uncertain},
      {"query: answered", "QS >G >E >Z >Z", End::SyncPoint},
      {"query: the next answer tells", "QS >G >E >Z Q >-", End::Owing},
      {"query: the next answer tells, and ends", "QS >G >E >Z Q >- >C >Z", End::SyncPoint},
      {"query: answered late", "QS >G >E >Z Q >Z", End::Owing},
      {"query: answered late, and the next, too", "QS >G >E >Z Q >Z >C >Z", End::SyncPoint},
      {"batch: answered", "PBES >- >- >G >E >Z", End::SyncPoint},
      {"batch: perhaps thrown away, and all behind it", "PBES >- >- >G >E", End::Uncertain},
      {"batch: perhaps a request is not even read", "PBES >- >- >G >E Q >Z", End::Uncertain},
      {"batch: the Sync behind it is", "PBES >- >- >G >E d c S >Z", End::Uncertain},
      {"batch: both are", "PBES >- >- >G >E d c S >Z >Z", End::SyncPoint},
      {"batch: sent blindly", "PBES d c S >- >- >G >E >Z", End::Uncertain},
      {"batch: sent blindly, both", "PBES d c S >- >- >G >E >Z >Z", End::SyncPoint},
      {"batch: the next answer tells", "PBES >- >- >G >E c S >Z PBES >- >- >C >Z", End::SyncPoint},
      {"batch: a request behind it depends on it", "PBES c PBES >- >- >G >E >Z", End::Uncertain},
  });
}

TEST_CASE("What a client that died must still say is known") {
  struct Missing {
    const char* conversation;
    bool copy_end;
    bool sync;
  };
  const Missing cases[] = {
      {"", false, false},          {"Q", false, false},          {"PB", false, true},
      {"PBS", false, false},       {"PBS PB", false, true},      {"PB Q", false, false},
      {"PBc", false, true},        {"PBcS", false, false},       {"PB >E", false, true},
      {"PBS >E", false, false},    {"Q >G", true, false},        {"Q >G d c", false, false},
      {"PB >G", true, true},       {"PBS >G", true, true},       {"PBS >G c", false, true},
      {"PBS >G cS", false, false}, {"PBS >G c >C", false, true}, {"PBS >G >E", false, true},
  };
  for (const Missing& item : cases) {
    CAPTURE(item.conversation);
    const SyncTracker tracker = play(item.conversation);
    CHECK(tracker.copyIn() == item.copy_end);
    CHECK(tracker.unsynced() == item.sync);
  }
}

TEST_CASE("A COPY that failed before its end was sent may have data behind it") {
  CHECK(play("Q >G d >E >Z").copyCutShort());
  CHECK(play("Q >G d >E >Z d d").copyCutShort());
  CHECK(play("P B E S >- >- >G d >E >Z S >Z").copyCutShort());
  CHECK_FALSE(play("Q >G d c >E >Z").copyCutShort());
  CHECK_FALSE(play("Q >G d >E >Z d f").copyCutShort());
  CHECK_FALSE(play("Q >G d >E >Z Q >- >Z").copyCutShort());
  CHECK_FALSE(play("Q >G d c >C >Z").copyCutShort());
  CHECK_FALSE(play("Q >E >Z").copyCutShort());
}

TEST_CASE("A ReadyForQuery that nobody asked for is noticed") {
  SyncTracker tracker;
  CHECK_FALSE(tracker.onReadyForQuery());
  tracker.onClientMessage('Q');
  CHECK_FALSE(tracker.onReadyForQuery());  // Not without a word before: it is somebody else's.
  tracker.onCommandComplete();
  CHECK(tracker.onReadyForQuery());
  CHECK_FALSE(tracker.onReadyForQuery());
  CHECK_FALSE(play("PBE >- >- >C").onReadyForQuery());
  CHECK_FALSE(play("PBES").onReadyForQuery());
  CHECK_FALSE(play("Q >G").onReadyForQuery());
  CHECK_FALSE(play("QS >G >E >Z >Z").onReadyForQuery());
}

TEST_CASE("A client with too many unanswered requests is noticed, whatever it pipelines") {
  for (const std::string request : {"Q", "QS", "PS", "Qc", "PSQ"}) {
    SyncTracker tracker;
    std::size_t sent = 0;
    for (; !tracker.full() && sent < 2 * SyncTracker::kLimit; ++sent) {
      tracker.onClientMessage(request[sent % request.size()]);
    }
    CAPTURE(request);
    CHECK(sent == SyncTracker::kLimit);
    tracker.onAnswer();
    REQUIRE(tracker.onReadyForQuery());
    CHECK_FALSE(tracker.full());
  }
}
