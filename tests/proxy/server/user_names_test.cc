// The cache of account names, with time by hand.

#include "proxy/server/user_names.h"

#include <catch2/catch.hpp>

namespace peerpool::server {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

struct Scene {
  std::vector<uid_t> asked;
  bool can_ask = true;
  Words told;
  TimePoint now{1h};
  UserNames names{[this](uid_t uid) {
                    if (can_ask) {
                      asked.push_back(uid);
                    }
                    return can_ask;
                  },
                  {60s, 5s, 3}};

  void find(uid_t uid) {
    names.find(uid, now, [this](const std::string& name) { told.push_back(name); });
  }
  /// Looks up and answers in one go.
  void learn(uid_t uid, const std::string& name) {
    find(uid);
    names.onResolved(uid, name, now);
    told.clear();
    asked.clear();
  }
};

TEST_CASE("A miss asks and waits, a hit answers at once, for a minute") {
  Scene scene;
  scene.find(1000);
  CHECK(scene.asked == std::vector<uid_t>{1000});
  CHECK(scene.told.empty());
  scene.names.onResolved(1000, "alice", scene.now);
  CHECK(scene.told == Words{"alice"});
  scene.now += 60s - 1ms;
  scene.find(1000);
  CHECK(scene.told == Words{"alice", "alice"});
  CHECK(scene.asked.size() == 1);
  scene.now += 1ms;
  scene.find(1000);
  CHECK(scene.asked.size() == 2);
  CHECK(scene.told.size() == 2);
}

TEST_CASE("Concurrent misses of one uid share a lookup, others have their own") {
  Scene scene;
  scene.find(1000);
  scene.find(1000);
  scene.find(1001);
  CHECK(scene.asked == std::vector<uid_t>{1000, 1001});
  scene.names.onResolved(1000, "alice", scene.now);
  CHECK(scene.told == Words{"alice", "alice"});
}

TEST_CASE("No such account is remembered, a failed lookup is not") {
  Scene scene;
  scene.find(1000);
  scene.names.onResolved(1000, "", scene.now);
  scene.find(1000);
  CHECK(scene.told == Words{"", ""});
  CHECK(scene.asked.size() == 1);
  scene.find(1001);
  scene.names.onResolved(1001, std::nullopt, scene.now);
  CHECK(scene.told.size() == 3);
  scene.find(1001);
  CHECK(scene.asked.size() == 3);
}

TEST_CASE("Who cannot be asked for is unknown at once") {
  Scene scene;
  scene.can_ask = false;
  scene.find(1000);
  CHECK(scene.told == Words{""});
  scene.can_ask = true;
  scene.find(1000);
  CHECK(scene.asked.size() == 1);
}

TEST_CASE("Patience ends: those who wait go on without a name, a late answer still counts") {
  Scene scene;
  CHECK(scene.names.deadline() == kNever);
  scene.find(1000);
  CHECK(scene.names.deadline() == scene.now + 5s);
  scene.now += 5s - 1ms;
  scene.names.expire(scene.now);
  CHECK(scene.told.empty());
  scene.now += 1ms;
  scene.names.expire(scene.now);
  CHECK(scene.told == Words{""});
  CHECK(scene.names.deadline() == kNever);
  scene.find(1000);  // The directory service is still thinking: do not wait for it again.
  CHECK(scene.told == Words{"", ""});
  CHECK(scene.asked.size() == 1);
  scene.names.onResolved(1000, "alice", scene.now);
  scene.find(1000);
  CHECK(scene.told == Words{"", "", "alice"});
}

TEST_CASE("The cache is bounded, and drops what is stale first") {
  Scene scene;
  scene.learn(1, "a");
  scene.now += 30s;
  scene.learn(2, "b");
  scene.learn(3, "c");
  scene.now += 30s;  // The first one is stale now.
  scene.learn(4, "d");
  scene.find(2);
  scene.find(3);
  scene.find(4);
  CHECK(scene.asked.empty());
  scene.learn(5, "e");  // None is stale: some other one goes.
  for (const uid_t uid : {2U, 3U, 4U, 5U}) {
    scene.find(uid);
  }
  CHECK(scene.asked.size() == 1);
}

}  // namespace
}  // namespace peerpool::server
