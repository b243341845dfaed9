// Claims of newcomers, with workers that answer as the test wants.

#include "proxy/server/place_claims.h"

#include <catch2/catch.hpp>
#include <vector>

namespace peerpool::server {
namespace {

using auth::ClientPlaces;
using auth::LimitReached;
using auth::PlaceCandidate;
using auth::PlaceQuery;

const PlaceClaims::Due kDue{{5, "pg"}, {Limit::ListenerClients, "listeners.pg.limits.clients: 2"}};

/// Three workers; what they are asked waits until the test answers it.
struct Scene {
  Scene() {
    claims.emplace(
        loop,
        PlaceClaims::Workers{
            3,
            [this](std::size_t worker, const PlaceQuery& query, auto answer) {
              CHECK(query.uid == 5);
              asked.push_back(worker);
              find_answers.push_back(std::move(answer));
            },
            [this](std::size_t worker, ClientId client, const LimitReached&, auto answer) {
              taken.emplace_back(worker, client.value);
              take_answers.push_back(std::move(answer));
            }},
        PlaceClaims::Limits{});
  }

  void add(uid_t newcomer = 9, bool due = true) {
    claims->add({newcomer, [due] { return due ? std::optional(kDue) : std::nullopt; },
                 [this](bool freed) { done.push_back(freed); }});
  }
  void found(std::optional<PlaceCandidate> candidate) {
    REQUIRE_FALSE(find_answers.empty());
    const auto answer = std::move(find_answers.back());
    find_answers.clear();
    answer(candidate);
    loop.turn(TimePoint::min());
  }
  void ended(bool with_place) {
    REQUIRE_FALSE(take_answers.empty());
    const auto answer = std::move(take_answers.back());
    take_answers.clear();
    answer(with_place ? ClientPlaces{counts.take("", 5, {}).place, {}} : ClientPlaces{});
    loop.turn(TimePoint::min());
  }
  [[nodiscard]] PlaceCandidate candidate(std::uint64_t id, bool logged_in, int age) const {
    return {ClientId{id}, logged_in, loop.now() - std::chrono::seconds(age)};
  }

  auth::PlaceCounts counts;
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  std::vector<std::size_t> asked;
  std::vector<std::pair<std::size_t, std::uint64_t>> taken;
  std::vector<std::function<void(std::optional<PlaceCandidate>)>> find_answers;
  std::vector<std::function<void(ClientPlaces)>> take_answers;
  std::vector<bool> done;
  std::optional<PlaceClaims> claims;
};

TEST_CASE("workers are asked one after the other, and the best client of all goes") {
  Scene scene;
  scene.add();
  CHECK(scene.asked == std::vector<std::size_t>{0});
  scene.found(scene.candidate(1, true, 50));
  scene.found(scene.candidate(2, false, 1));
  scene.found(scene.candidate(3, true, 90));
  CHECK(scene.asked == std::vector<std::size_t>{0, 1, 2});
  CHECK(scene.done.empty());
  REQUIRE(scene.taken.size() == 1);
  CHECK(scene.taken[0] == std::pair<std::size_t, std::uint64_t>(1, 2));
  scene.ended(true);
  CHECK(scene.done == std::vector<bool>{true});
  CHECK(scene.counts.names() == 0);  // The place was given back before the newcomer goes on.
  CHECK(scene.loop.timers().next() == kNever);
}

TEST_CASE("a client that got busy meanwhile is not the end, but three of them are") {
  Scene scene;
  scene.add();
  for (int attempt = 0; attempt < 3; ++attempt) {
    CHECK(scene.done.empty());
    for (int worker = 0; worker < 3; ++worker) {
      scene.found(worker == 2 ? std::optional(scene.candidate(7, true, 1)) : std::nullopt);
    }
    scene.ended(false);
  }
  CHECK(scene.taken.size() == 3);
  CHECK(scene.done == std::vector<bool>{false});
}

TEST_CASE("nobody found: the claim ends, and for a while nobody is asked again for the same") {
  Scene scene;
  scene.add();
  for (int worker = 0; worker < 3; ++worker) {
    scene.found(std::nullopt);
  }
  CHECK(scene.done == std::vector<bool>{false});
  scene.add();
  CHECK(scene.done.size() == 2);
  CHECK(scene.asked.size() == 3);
}

TEST_CASE("claims are served one at a time, and what is not due any more costs no question") {
  Scene scene;
  scene.add(9);
  scene.add(10, false);
  scene.add(11);
  CHECK(scene.asked.size() == 1);
  for (int worker = 0; worker < 3; ++worker) {
    scene.found(scene.candidate(1, true, 1));
  }
  scene.ended(true);
  CHECK(scene.done == std::vector<bool>{true, false});
  CHECK(scene.asked.size() == 4);  // The third claim's first question.
}

TEST_CASE(
    "a worker that does not answer costs one claim its patience, and its late answer nothing") {
  Scene scene;
  scene.add();
  for (int worker = 0; worker < 3; ++worker) {
    scene.found(scene.candidate(1, true, 1));
  }
  REQUIRE(scene.taken.size() == 1);
  scene.loop.timers().fire(scene.loop.now() + Duration(1'000));
  CHECK(scene.done == std::vector<bool>{false});
  scene.add();
  scene.ended(true);
  CHECK(scene.done.size() == 1);
  CHECK(scene.counts.names() == 0);
}

TEST_CASE("one uid cannot keep the others from claiming, and all together are bounded") {
  Scene scene;
  scene.add(9);  // Being served.
  for (int i = 0; i < 4; ++i) {
    REQUIRE(scene.claims->accepts(9));
    scene.add(9);
  }
  CHECK_FALSE(scene.claims->accepts(9));
  for (uid_t uid = 100; uid < 128; ++uid) {
    REQUIRE(scene.claims->accepts(uid));
    scene.add(uid);
  }
  CHECK_FALSE(scene.claims->accepts(200));
}

}  // namespace
}  // namespace peerpool::server
