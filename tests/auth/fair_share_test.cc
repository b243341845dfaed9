// Whose place goes to a newcomer, and which client makes room.

#include "auth/fair_share.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "auth/limit_reached.h"

namespace peerpool::auth {
namespace {

using Held = std::vector<PlaceCounts::Held>;

TEST_CASE("a place is taken from whoever holds most and more than a fair share") {
  struct Row {
    const char* what;
    Held held;
    uid_t newcomer;
    std::size_t limit;
    std::optional<uid_t> loser;
  };
  const auto row = GENERATE(values<Row>({
      {"one uid has it all", {{1, 20}}, 2, 20, 1},
      {"it may come until it has its half", {{1, 11}, {2, 9}}, 2, 20, 1},
      {"and not further", {{1, 10}, {2, 10}}, 2, 20, std::nullopt},
      {"nobody takes from himself", {{1, 20}}, 1, 20, std::nullopt},
      {"who has more than his share gets no more", {{1, 8}, {2, 12}}, 2, 20, std::nullopt},
      {"the greatest of three", {{1, 5}, {2, 9}, {3, 6}}, 4, 20, 2},
      {"of two that hold the same the lower uid", {{3, 10}, {7, 10}}, 1, 20, 3},
      {"all have exactly their share", {{1, 5}, {2, 5}, {3, 5}, {4, 5}}, 1, 20, std::nullopt},
      {"a share is rounded down", {{1, 2}, {2, 1}}, 3, 3, 1},
      {"more uids than places", {{1, 1}, {2, 1}}, 3, 2, std::nullopt},
      {"one place only", {{1, 1}}, 2, 1, std::nullopt},
      {"nobody there", {}, 1, 20, std::nullopt},
      {"after the limit was lowered", {{1, 50}}, 2, 10, 1},
  }));
  CAPTURE(row.what);
  CHECK(whosePlace(row.held, row.newcomer, row.limit) == row.loser);
}

TEST_CASE("newcomers who keep coming end with fair shares, whatever the start") {
  Held held{{1, 17}, {2, 3}};
  for (int round = 0; round < 200; ++round) {
    for (const uid_t newcomer : {1u, 2u, 3u, 4u}) {
      const auto loser = whosePlace(held, newcomer, 20);
      if (!loser) {
        continue;
      }
      const auto entry = [&held](uid_t uid) {
        return std::find_if(held.begin(), held.end(), [uid](auto& one) { return one.uid == uid; });
      };
      --entry(*loser)->places;
      if (entry(newcomer) == held.end()) {
        held.push_back({newcomer, 0});
      }
      ++entry(newcomer)->places;
    }
  }
  REQUIRE(held.size() == 4);
  for (const auto& one : held) {
    CAPTURE(one.uid);
    CHECK(one.places == 5);
  }
}

TEST_CASE("first goes who has not logged in, then who has waited longest") {
  const auto at = [](int seconds) { return TimePoint(std::chrono::seconds(seconds)); };
  std::vector<PlaceCandidate> candidates{
      {ClientId{1}, true, at(1)},  {ClientId{2}, false, at(9)}, {ClientId{3}, true, at(2)},
      {ClientId{4}, false, at(5)}, {ClientId{5}, true, at(1)},
  };
  std::sort(candidates.begin(), candidates.end(), goesBefore);
  std::vector<std::uint64_t> order;
  for (const PlaceCandidate& candidate : candidates) {
    order.push_back(candidate.client.value);
  }
  CHECK(order == std::vector<std::uint64_t>{4, 2, 1, 5, 3});
}

TEST_CASE("what a client is told names the setting and its value") {
  CHECK(describe({Limit::ListenerClients, "listeners.pg.limits.clients: 20"}) ==
        "too many clients (listeners.pg.limits.clients: 20)");
  CHECK(describe({Limit::ConnectRatePerUid, "x: 5/s"}) ==
        "too many connections in a short time (x: 5/s)");
  CHECK(describe({Limit::ServersPerUid, ruleSetting("a b", "servers_per_uid", 2)}) ==
        "too many servers in use (rules.\"a b\".limits.servers_per_uid: 2)");
  CHECK(describePlaceGiven({Limit::ListenerClients, "listeners.pg.limits.clients: 20"}) ==
        "too many clients (listeners.pg.limits.clients: 20): the place went to another user");
}

}  // namespace
}  // namespace peerpool::auth
