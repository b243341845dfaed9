// What time does to a pool.

#include <catch2/catch.hpp>
#include <vector>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

TEST_CASE("A server that idles too long is closed, the others stay", "[pool][maintain]") {
  Scene scene(settingsOf(3));
  scene.openIdle(2, kStart);
  FakeWaiter client;
  client.ask(scene.pool, kStart + minutes(5));
  client.lease->giveBack(kStart + minutes(5));
  CHECK(scene.pool.maintain(kStart + minutes(10) - milliseconds(1)) == kStart + minutes(10));
  CHECK(scene.connector.closed.empty());
  CHECK(scene.pool.maintain(kStart + minutes(10)) == kStart + minutes(15));
  CHECK(scene.connector.closed == std::vector<ServerId>{{1}});
  (void)scene.pool.maintain(kStart + minutes(15));
  CHECK(scene.connector.closed == std::vector<ServerId>{{1}, {2}});
  CHECK_FALSE(scene.observer.idle);
}

TEST_CASE("min_size servers are opened for the first client and kept", "[pool][maintain]") {
  Scene scene(settingsOf(5, 2));
  (void)scene.pool.maintain(kStart);
  scene.pool.attach(kStart);
  CHECK(scene.connector.opening == 2);
  scene.connector.connect(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  CHECK(scene.stats().idle == 2);
  (void)scene.pool.maintain(kStart + minutes(30));
  CHECK(scene.stats().idle == 2);
  scene.pool.onIdleLost(*scene.pool.servers().front(), kStart + minutes(31));
  CHECK(scene.connector.opening == 1);
}

TEST_CASE("Idle servers above min_size are closed, those below not", "[pool][maintain]") {
  Scene scene(settingsOf(5, 2));
  scene.pool.attach(kStart);
  scene.connector.connect(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  std::vector<FakeWaiter> clients(4);
  for (FakeWaiter& client : clients) {
    client.ask(scene.pool, kStart);
  }
  scene.connector.connect(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  for (FakeWaiter& client : clients) {
    client.lease->giveBack(kStart);
  }
  (void)scene.pool.maintain(kStart + minutes(10));
  CHECK(scene.stats().idle == 2);
  CHECK(scene.stats().closing == 2);
}

TEST_CASE("Without clients min_size lapses after idle_timeout, and then the pool",
          "[pool][maintain]") {
  Scene scene(settingsOf(5, 1));
  scene.pool.attach(kStart);
  scene.connector.connect(scene.pool, kStart);
  scene.pool.detach(kStart + minutes(20));
  CHECK(scene.pool.maintain(kStart + minutes(20)) == kStart + minutes(30));
  CHECK(scene.stats().idle == 1);
  (void)scene.pool.maintain(kStart + minutes(30));
  CHECK(scene.stats().closing == 1);
  CHECK_FALSE(scene.pool.removable(kStart + minutes(30)));
  scene.connector.finishClose(scene.pool, kStart + minutes(31));
  CHECK(scene.observer.due == kStart + minutes(31));
  CHECK(scene.connector.opening == 0);
  CHECK(scene.pool.removable(kStart + minutes(31)));
}

TEST_CASE("A client, a waiter or a server keeps a pool, and nothing else", "[pool][maintain]") {
  Scene scene(settingsOf(2));
  CHECK(scene.pool.removable(kStart));
  scene.pool.attach(kStart);
  CHECK_FALSE(scene.pool.removable(kStart + hours(1)));
  scene.pool.detach(kStart + hours(1));
  CHECK(scene.observer.due == kStart + hours(1));
  CHECK(scene.pool.removable(kStart + hours(1)));
  {
    FakeWaiter waiter;
    waiter.ask(scene.pool, kStart + hours(2));
    CHECK_FALSE(scene.pool.removable(kStart + hours(3)));
  }
  CHECK_FALSE(scene.pool.removable(kStart + hours(3)));  // A login is under way.
  scene.connector.connect(scene.pool, kStart + hours(3));
  CHECK_FALSE(scene.pool.removable(kStart + hours(4)));
  (void)scene.pool.maintain(kStart + hours(4));
  CHECK_FALSE(scene.pool.removable(kStart + hours(4)));
  scene.connector.finishClose(scene.pool, kStart + hours(4));
  CHECK(scene.pool.removable(kStart + hours(4)));
}

TEST_CASE("A pool whose logins fail remembers that for a while", "[pool][maintain]") {
  Scene scene(settingsOf(2));
  scene.pool.attach(kStart);
  FakeWaiter waiter;
  waiter.ask(scene.pool, kStart);
  scene.connector.fail(scene.pool, {ErrorCode::Refused, "no such database", "3D000"}, kStart);
  REQUIRE(waiter.error);
  scene.pool.detach(kStart);
  CHECK(scene.observer.due <= kStart + seconds(5));
  CHECK_FALSE(scene.pool.removable(kStart + seconds(4)));
  CHECK(scene.pool.maintain(kStart + seconds(4)) == kStart + seconds(5));
  CHECK(scene.pool.removable(kStart + seconds(5)));
}

TEST_CASE("A pool with min_size stays for idle_timeout", "[pool][maintain]") {
  Scene scene(settingsOf(2, 1));
  CHECK_FALSE(scene.pool.removable(kStart + minutes(10) - milliseconds(1)));
  CHECK(scene.pool.removable(kStart + minutes(10)));
}

TEST_CASE("LIFO and lifetime: idle servers that are too old die one at a time, spread over it",
          "[pool][maintain]") {
  config::Pool settings = settingsOf(4);
  settings.idle_timeout = hours(10);
  Scene scene(settings);
  scene.openIdle(4, kStart);
  CHECK(scene.pool.maintain(kStart + minutes(1)) == kStart + hours(1));
  TimePoint due = kStart + hours(1);
  for (std::size_t i = 1; i <= 4; ++i) {
    const TimePoint next = scene.pool.maintain(due);
    CHECK(scene.connector.closed.size() == i);
    if (i < 4) {
      CHECK(next == due + minutes(15));
      (void)scene.pool.maintain(next - milliseconds(1));
      CHECK(scene.connector.closed.size() == i);
    }
    due = next;
  }
}

TEST_CASE("A server that is too old when it is given back is closed and replaced",
          "[pool][maintain]") {
  Scene scene(settingsOf(1));
  FakeWaiter holder, waiter;
  holder.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  waiter.ask(scene.pool, kStart + hours(1));
  holder.lease->giveBack(kStart + hours(1));
  CHECK_FALSE(waiter.lease);
  CHECK(scene.connector.closed == std::vector<ServerId>{{1}});
  scene.connector.finishClose(scene.pool, kStart + hours(1));
  scene.connector.connect(scene.pool, kStart + hours(1));
  CHECK(waiter.serverId() == 2);
}

TEST_CASE("Busy servers that are too old are not closed all at once either", "[pool][maintain]") {
  Scene scene(settingsOf(4));
  scene.openIdle(4, kStart);
  std::vector<FakeWaiter> clients(4);
  for (FakeWaiter& client : clients) {
    REQUIRE(client.ask(scene.pool, kStart + minutes(5)));
  }
  for (FakeWaiter& client : clients) {
    client.lease->giveBack(kStart + hours(2));
  }
  CHECK(scene.connector.closed.size() == 1);
  CHECK(scene.stats().idle == 3);
}

TEST_CASE("Server lifetime 0: used once", "[pool][maintain]") {
  config::Pool settings = settingsOf(2);
  settings.lifetime = Duration(0);
  Scene scene(settings);
  FakeWaiter one, two;
  one.ask(scene.pool, kStart);
  two.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  one.lease->giveBack(kStart);
  two.lease->giveBack(kStart);
  CHECK(scene.connector.closed.size() == 2);
}

TEST_CASE("The next due time is always later, and kept when nothing changes", "[pool][maintain]") {
  Scene scene(settingsOf(2));
  CHECK(scene.pool.maintain(kStart) == kStart + milliseconds(1));  // Nobody needs it.
  scene.openIdle(1, kStart);
  const TimePoint due = scene.pool.maintain(kStart + seconds(1));
  CHECK(due == kStart + minutes(10));
  CHECK(scene.pool.maintain(kStart + seconds(2)) == due);
}

TEST_CASE("The observer is told of an earlier due time, and only then", "[pool][maintain]") {
  Scene scene(settingsOf(1));
  scene.pool.attach(kStart);
  (void)scene.pool.maintain(kStart);
  FakeWaiter one, two;
  one.ask(scene.pool, kStart);
  CHECK(scene.observer.due == kStart + seconds(30));
  scene.observer.due = kNever;
  two.ask(scene.pool, kStart + seconds(1));
  CHECK(scene.observer.due == kNever);
}
