// A listener whose places are all taken: whose place goes to somebody else, and whose never does.

#include <catch2/catch.hpp>

#include "tests/integration/limit_checks.h"

namespace peerpool::testing {
namespace {

constexpr const char* kGiven =
    "too many clients (listeners.pg.limits.clients: 6): the place went to another user";
constexpr const char* kFull = "too many clients (listeners.pg.limits.clients: 6)";

SceneOptions sixClients(std::size_t workers) {
  return {.workers = workers,
          .rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 8\n",
          .listener = "    limits: { clients: 6, login_timeout: 5m }\n"};
}

Pq connectAs(const Scene& scene, unsigned index) {
  return scene.connect("user=app dbname=shop", stranger(index));
}

}  // namespace

TEST_CASE("a newcomer gets the longest idle session's place, until each uid has its share") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(sixClients(workers));
  std::vector<Pq> greedy = idleSessions(scene, 6, stranger(0));
  CHECK(greedy[0].exec("SELECT 1").ok);  // Now the second is the longest idle one.
  checkRefused(connectAs(scene, 0), kFull);
  std::vector<Pq> others;
  for (std::size_t i = 0; i < 3; ++i) {
    others.push_back(connectAs(scene, 1));
    INFO(others.back().error());
    REQUIRE(others.back().connected());
    CHECK(others.back().exec("SELECT 1").ok);
    const QueryResult ended = greedy[i + 1].exec("SELECT 1");
    CHECK(ended.sqlstate == "53300");
    CHECK(says(ended.message, kGiven));
  }
  // Half of the places each: nobody takes any more.
  checkRefused(connectAs(scene, 1), kFull);
  checkRefused(connectAs(scene, 0), kFull);
  for (const std::size_t still : {0u, 4u, 5u}) {
    CHECK(greedy[still].exec("SELECT 1").ok);
  }
  for (Pq& other : others) {
    CHECK(other.exec("SELECT 1").ok);
  }
  CHECK(hitsOf(scene, "listeners.limits.clients") == 6);
  scene.stopPeerpool();
}

TEST_CASE("sessions with an open request or transaction are never ended for a newcomer") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(sixClients(workers));
  std::vector<Pq> busy = idleSessions(scene, 6, stranger(0));
  for (std::size_t i = 0; i < busy.size(); ++i) {
    if (i == 0) {
      REQUIRE(PQsendQuery(busy[i].get(), "SELECT pg_sleep(60)") == 1);
      REQUIRE(PQflush(busy[i].get()) == 0);
    } else {
      REQUIRE(busy[i].exec("BEGIN").ok);
    }
  }
  for (int again = 0; again < 3; ++again) {
    checkRefused(connectAs(scene, 1), kFull);
  }
  for (std::size_t i = 1; i < busy.size(); ++i) {
    CHECK(busy[i].exec("SELECT 1").ok);
  }
  // As soon as one is at rest, there is a place.
  CHECK(busy[5].exec("COMMIT").ok);
  CHECK(eventually([&] { return connectAs(scene, 1).connected(); }));
  CHECK(busy[5].exec("SELECT 1").sqlstate == "53300");
  CHECK(busy[1].exec("COMMIT").ok);
}

TEST_CASE("who has not logged in goes before any session, and is told why") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(sixClients(workers));
  std::vector<Pq> sessions = idleSessions(scene, 4, stranger(0));
  RawClient first(scene.socketPath(), stranger(0));
  RawClient second(scene.socketPath(), stranger(0));
  checkRefused(connectAs(scene, 0), kFull);
  const Pq newcomer = connectAs(scene, 1);
  REQUIRE(newcomer.connected());
  const LastWords words = lastWords(first);
  CHECK(words.closed);
  CHECK(words.sqlstate == "53300");
  CHECK(words.message == kGiven);
  const Pq another = connectAs(scene, 2);
  REQUIRE(another.connected());
  CHECK(lastWords(second).message == kGiven);
  for (Pq& session : sessions) {
    CHECK(session.exec("SELECT 1").ok);
  }
}

TEST_CASE("the same holds for the process as a whole") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  SceneOptions options = sixClients(workers);
  options.listener = "";
  options.process = ", max_clients: 6";
  Scene scene(options);
  std::vector<Pq> greedy = idleSessions(scene, 6, stranger(0));
  Pq newcomer = connectAs(scene, 1);
  REQUIRE(newcomer.connected());
  const QueryResult ended = greedy[0].exec("SELECT 1");
  CHECK(ended.sqlstate == "53300");
  CHECK(says(ended.message,
             "too many clients (process.max_clients: 6): the place went to another user"));
  CHECK(newcomer.exec("SELECT 1").ok);
  scene.stopPeerpool();
}

TEST_CASE("many newcomers at once end with fair shares, and nobody hangs") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(sixClients(workers));
  const std::vector<Pq> greedy = idleSessions(scene, 6, stranger(0));
  std::vector<RawClient> newcomers;
  for (int i = 0; i < 12; ++i) {
    newcomers.emplace_back(scene.socketPath(), stranger(1));
    REQUIRE(newcomers.back().send(appStartup()));
  }
  int let_in = 0;
  for (RawClient& newcomer : newcomers) {
    const std::vector<RawMessage> answer = newcomer.receiveUntil('Z');
    REQUIRE_FALSE(answer.empty());
    let_in += answer.back().type == 'Z' ? 1 : 0;
    if (answer.back().type != 'Z') {
      CHECK(answer.back().field('M') == kFull);
    }
  }
  CHECK(let_in == 3);
}

}  // namespace peerpool::testing
