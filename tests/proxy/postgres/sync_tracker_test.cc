// When a server owes its client nothing more, told as the sequence of messages on the wire.

#include "proxy/postgres/sync_tracker.h"

#include <catch2/catch.hpp>
#include <string>

using peerpool::postgres::SyncTracker;

namespace {

// Plays a conversation: a client's message is its type; '>' stands in front of a server's event: Z
// ReadyForQuery, G CopyInResponse, E ErrorResponse. Returns whether it ends at a sync point.
bool endsAtSyncPoint(const std::string& conversation) {
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
    if (conversation[i] == 'Z') {
      REQUIRE(tracker.onReadyForQuery());
    } else if (conversation[i] == 'G') {
      tracker.onCopyIn();
    } else {
      tracker.onError();
    }
  }
  return tracker.atSyncPoint();
}

struct Case {
  std::string name;
  std::string conversation;
  bool at_sync_point;
};

}  // namespace

TEST_CASE("A Sync around the start of a COPY leaves the count of answers uncertain") {
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
    CHECK(tracker.uncertain() == item.uncertain);
  }
}

TEST_CASE("A server is at its sync point when nothing is owed and the batch is closed") {
  const Case cases[] = {
      {"nothing was sent", "", true},
      {"simple query", "Q", false},
      {"simple query, answered", "Q >Z", true},
      {"two queries, one answer", "QQ >Z", false},
      {"two queries, both answered", "QQ >Z >Z", true},
      {"function call", "F >Z", true},
      {"extended batch", "PBDES >Z", true},
      {"extended batch without Sync", "PBDE", false},
      {"Flush keeps the server", "PBDEH", false},
      {"Flush, then Sync", "PH BES >Z", true},
      {"the next batch has begun", "PBES P >Z", false},
      {"pipeline of two batches", "PBES PBES >Z", false},
      {"pipeline of two batches, answered", "PBES PBES >Z >Z", true},
      {"error in a batch", "PBE >E S >Z", true},
      {"COPY in by a query", "Q >G d d c >Z", true},
      {"COPY in by a query, given up", "Q >G d f >E >Z", true},
      {"COPY in, not ended", "Q >G d d", false},
      {"two COPYs in one query", "Q >G d c >G d c >Z", true},
      {"COPY in sent blindly", "Q d c >G >Z", true},
      {"two COPYs sent blindly", "Q d c d c >G >G >Z", true},
      {"COPY in, extended", "PBE H >G d c S >Z", true},
      {"COPY in, extended, sent blindly", "PBE d c S >G >Z", true},
      {"the server ignores a Sync before CopyInResponse", "PBES >G d c", false},
      {"the server ignores a Sync before CopyInResponse, closed", "PBES >G d c S >Z", true},
      {"the server ignores a Sync inside a COPY", "PBEH >G d S d c S >Z", true},
      {"an ignored Sync with the COPY's end behind it", "PBES d c S >G >Z", true},
      {"error during COPY, data comes late", "Q >G d >E >Z d c", true},
      {"error during COPY in a batch", "PBEH >G d >E d c S >Z", true},
      {"late end of COPY, then a query", "Q >E >Z c Q", false},
      {"late end of COPY, then a query, answered", "Q >E >Z c Q >Z", true},
      {"COPY fails before its end was sent blindly", "Q d c >E >Z", true},
  };
  for (const Case& item : cases) {
    INFO(item.name << ": " << item.conversation);
    CHECK(endsAtSyncPoint(item.conversation) == item.at_sync_point);
  }
}

TEST_CASE("A ReadyForQuery that nobody asked for is noticed") {
  SyncTracker tracker;
  CHECK_FALSE(tracker.onReadyForQuery());
  tracker.onClientMessage('Q');
  CHECK(tracker.onReadyForQuery());
  CHECK_FALSE(tracker.onReadyForQuery());
}

TEST_CASE("A client with too many unanswered requests is noticed") {
  SyncTracker tracker;
  for (std::size_t i = 0; i < SyncTracker::kLimit; ++i) {
    REQUIRE_FALSE(tracker.full());
    tracker.onClientMessage('S');
  }
  CHECK(tracker.full());
  REQUIRE(tracker.onReadyForQuery());
  CHECK_FALSE(tracker.full());
}
