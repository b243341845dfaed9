// Counts of places, by name and uid.

#include "auth/place_counts.h"

#include <catch2/catch.hpp>
#include <thread>

namespace peerpool::auth {
namespace {

using Place = PlaceCounts::Place;
using Reached = PlaceCounts::Reached;

TEST_CASE("places are counted for each name and uid, and given back when they are destroyed") {
  PlaceCounts counts;
  {
    std::vector<Place> places;
    for (const uid_t uid : {5u, 7u, 5u}) {
      places.push_back(counts.take("pg", uid, {}).place);
    }
    places.push_back(counts.take("other", 5, {}).place);
    CHECK(counts.countOf("pg") == 3);
    CHECK(counts.countOf("other") == 1);
    const auto held = counts.heldOf("pg");
    REQUIRE(held.size() == 2);
    CHECK(held[0].uid == 5);
    CHECK(held[0].places == 2);
    CHECK(held[1].uid == 7);
    CHECK(held[1].places == 1);
    places.erase(places.begin() + 1);
    CHECK(counts.heldOf("pg").size() == 1);
  }
  CHECK(counts.countOf("pg") == 0);
  CHECK(counts.heldOf("pg").empty());
  CHECK(counts.names() == 0);  // Nothing is remembered of those who left.
}

TEST_CASE("a limit says no without counting, and the one of the uid says it first") {
  struct Row {
    std::size_t held_by_uid;
    std::size_t held_by_others;
    PlaceCounts::Limits limits;
    std::optional<Reached> reached;
  };
  const auto row = GENERATE(values<Row>({
      {0, 0, {}, std::nullopt},
      {9, 9, {}, std::nullopt},
      {0, 1, {2, 1}, std::nullopt},
      {1, 0, {2, 1}, Reached::PerUid},
      {1, 1, {2, 1}, Reached::PerUid},
      {0, 2, {2, 1}, Reached::All},
      {1, 1, {2, std::nullopt}, Reached::All},
      {2, 0, {std::nullopt, 3}, std::nullopt},
      {0, 0, {0, 0}, Reached::PerUid},
      {0, 0, {0, std::nullopt}, Reached::All},
  }));
  PlaceCounts counts;
  std::vector<Place> places;
  for (std::size_t i = 0; i < row.held_by_uid; ++i) {
    places.push_back(counts.take("pg", 1, {}).place);
  }
  for (std::size_t i = 0; i < row.held_by_others; ++i) {
    places.push_back(counts.take("pg", 100 + static_cast<uid_t>(i), {}).place);
  }
  const PlaceCounts::Answer answer = counts.take("pg", 1, row.limits);
  CHECK(answer.reached == row.reached);
  CHECK(static_cast<bool>(answer.place) == !row.reached);
  CHECK(counts.countOf("pg") == row.held_by_uid + row.held_by_others + (answer.reached ? 0u : 1u));
}

TEST_CASE("a place moves without being counted twice") {
  PlaceCounts counts;
  Place one = counts.take("pg", 1, {}).place;
  Place two = std::move(one);
  CHECK_FALSE(one);  // NOLINT: moved from is empty, by contract
  CHECK(counts.countOf("pg") == 1);
  Place three = counts.take("pg", 2, {}).place;
  three = std::move(two);
  CHECK(counts.countOf("pg") == 1);
  CHECK(counts.heldOf("pg").at(0).uid == 1);
  three.reset();
  three.reset();
  CHECK(counts.countOf("pg") == 0);
}

TEST_CASE("threads that take and give back places leave the counts right") {
  PlaceCounts counts;
  const Place kept = counts.take("pg", 0, {}).place;
  std::vector<std::thread> threads;
  for (uid_t uid = 0; uid < 4; ++uid) {
    threads.emplace_back([&counts, uid] {
      for (int i = 0; i < 2000; ++i) {
        const Place at_limit = counts.take("pg", uid, {3, 2}).place;
        const Place other = counts.take("other", uid % 2, {}).place;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(counts.countOf("pg") == 1);
  CHECK(counts.names() == 1);
}

}  // namespace
}  // namespace peerpool::auth
