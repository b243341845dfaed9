// Settings and servers that change while the pool is in use.

#include <catch2/catch.hpp>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

TEST_CASE("A larger size serves those who wait", "[pool][reload]") {
  Scene scene(settingsOf(1));
  scene.openIdle(1, kStart);
  FakeWaiter one, two;
  REQUIRE(one.ask(scene.pool, kStart));
  REQUIRE_FALSE(two.ask(scene.pool, kStart));
  CHECK(scene.connector.opening == 0);
  scene.pool.reconfigure(settingsOf(2), kStart);
  CHECK(scene.connector.opening == 1);
  scene.connector.connect(scene.pool, kStart);
  CHECK(two.serverId() == 2);
}

TEST_CASE("A smaller size closes idle servers at once and active ones when they come back",
          "[pool][reload]") {
  Scene scene(settingsOf(4));
  scene.openIdle(4, kStart);
  FakeWaiter one, two;
  REQUIRE(one.ask(scene.pool, kStart));
  REQUIRE(two.ask(scene.pool, kStart));
  scene.pool.reconfigure(settingsOf(1), kStart);
  CHECK(scene.connector.closed.size() == 2);
  while (!scene.connector.closing.empty()) {
    scene.connector.finishClose(scene.pool, kStart);
  }
  CHECK(scene.stats().idle == 0);
  CHECK(scene.stats().active == 2);
  one.lease->giveBack(kStart);
  CHECK(scene.connector.closed.size() == 3);
  scene.connector.finishClose(scene.pool, kStart);
  two.lease->giveBack(kStart);
  CHECK(scene.stats().idle == 1);
  CHECK(scene.budget.taken() == 1);
  FakeWaiter three;
  CHECK(three.ask(scene.pool, kStart));
}

TEST_CASE("Another wait_timeout counts for those who wait already", "[pool][reload]") {
  Scene scene(settingsOf(1));
  scene.openIdle(1, kStart);
  FakeWaiter one, two;
  REQUIRE(one.ask(scene.pool, kStart));
  REQUIRE_FALSE(two.ask(scene.pool, kStart));
  config::Pool settings = settingsOf(1);
  settings.wait_timeout = seconds(2);
  scene.pool.reconfigure(settings, kStart + seconds(1));
  CHECK(scene.observer.due <= kStart + seconds(1));
  CHECK(scene.pool.maintain(kStart + seconds(1)) == kStart + seconds(2));
  (void)scene.pool.maintain(kStart + seconds(2));
  REQUIRE(two.error);
  CHECK(two.error->code == ErrorCode::TimedOut);
}

TEST_CASE("Servers of before a renewal serve nobody again", "[pool][reload]") {
  Scene scene(settingsOf(3));
  scene.openIdle(2, kStart);
  FakeWaiter one, two, three;
  REQUIRE(one.ask(scene.pool, kStart));
  REQUIRE(two.ask(scene.pool, kStart));
  REQUIRE_FALSE(three.ask(scene.pool, kStart));  // Its login is under way.
  two.lease->giveBack(kStart + seconds(1));
  REQUIRE(three.lease);
  three.lease->giveBack(kStart + seconds(1));

  scene.pool.renewServers(kStart + seconds(2));
  CHECK(scene.connector.closed == std::vector<ServerId>{ServerId{1}});
  one.lease->giveBack(kStart + seconds(3));
  CHECK(scene.connector.closed == std::vector<ServerId>{ServerId{1}, ServerId{2}});

  // The login that began before comes too late.
  scene.connector.connect(scene.pool, kStart + seconds(2));
  CHECK(scene.connector.closed.size() == 3);
  CHECK(scene.stats().idle == 0);
  while (!scene.connector.closing.empty()) {
    scene.connector.finishClose(scene.pool, kStart + seconds(3));
  }
  FakeWaiter four;
  REQUIRE_FALSE(four.ask(scene.pool, kStart + seconds(4)));
  scene.connector.connect(scene.pool, kStart + seconds(4));
  CHECK(four.serverId() == 4);
  four.lease->giveBack(kStart + seconds(5));
  CHECK(scene.stats().idle == 1);
  CHECK(scene.budget.taken() == 1);
}

TEST_CASE("A budget may shrink below what is taken", "[pool][reload]") {
  Budget budget(3);
  REQUIRE(budget.tryTake());
  REQUIRE(budget.tryTake());
  budget.setMax(1);
  CHECK_FALSE(budget.tryTake());
  budget.giveBack();
  CHECK_FALSE(budget.tryTake());
  budget.giveBack();
  CHECK(budget.tryTake());
  CHECK(budget.max() == 1);
}
