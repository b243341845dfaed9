// What clients see when servers cannot be opened.

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

namespace {

const Error kRefused{.code = ErrorCode::Refused, .text = "no such role", .sqlstate = "28000"};
const Error kAway{.code = ErrorCode::Unreachable, .text = "connect: No such file"};
const Error kFull{
    .code = ErrorCode::Refused, .text = "sorry, too many clients already", .sqlstate = "53300"};

}  // namespace

TEST_CASE("A refused login fails the waiters at once with the backend's error", "[pool][failure]") {
  Scene scene(settingsOf(2));
  FakeWaiter one, two, three;
  for (FakeWaiter* client : {&one, &two, &three}) {
    client->ask(scene.pool, kStart);
  }
  scene.connector.fail(scene.pool, kRefused, kStart);
  CHECK(scene.stats().waiting == 3);  // The other login may still succeed.
  scene.connector.fail(scene.pool, kRefused, kStart);
  for (FakeWaiter* client : {&one, &two, &three}) {
    REQUIRE(client->error);
    CHECK(client->error->code == ErrorCode::Refused);
    CHECK(client->error->sqlstate == "28000");
    CHECK_FALSE(client->waiting());
  }
  CHECK(scene.budget.taken() == 0);
  CHECK(scene.stats().login_failures == 2);
  CHECK(scene.stats().last_failure == "no such role");
}

TEST_CASE("A refused login fails nobody while a server could still serve them", "[pool][failure]") {
  Scene scene(settingsOf(2));
  FakeWaiter holder, waiter;
  holder.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  waiter.ask(scene.pool, kStart);
  scene.connector.fail(scene.pool, kRefused, kStart);
  CHECK_FALSE(waiter.error);
  holder.lease->giveBack(kStart);
  CHECK(waiter.serverId() == 1);
}

TEST_CASE("A server that is only being closed serves nobody", "[pool][failure]") {
  Scene scene(settingsOf(2));
  FakeWaiter holder, waiter;
  holder.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  waiter.ask(scene.pool, kStart);
  holder.lease->discard();
  scene.connector.fail(scene.pool, kRefused, kStart);
  CHECK(waiter.error);
}

TEST_CASE("A waiter that comes during the back-off does not shorten it", "[pool][failure]") {
  Scene scene(settingsOf(3));
  FakeWaiter one, two;
  one.ask(scene.pool, kStart);
  scene.connector.fail(scene.pool, kAway, kStart);
  two.ask(scene.pool, kStart + milliseconds(10));
  CHECK(scene.connector.opening == 0);
  CHECK(scene.observer.held > 0);
}

TEST_CASE("What concerns one pool is tried again by that pool alone", "[pool][failure]") {
  Scene scene(settingsOf(1));
  FakeWaiter one;
  one.ask(scene.pool, kStart);
  scene.connector.fail(scene.pool, kFull, kStart);
  CHECK(scene.observer.due == kStart + milliseconds(50));
  CHECK(scene.observer.failed == 0);
  CHECK_FALSE(scene.health.failing());
  CHECK_FALSE(scene.stats().backend_fails);
  TimePoint now = kStart;
  for (const int step : {50, 100, 200, 250, 250}) {
    now += milliseconds(step);
    (void)scene.pool.maintain(now - milliseconds(1));
    CHECK(scene.connector.opening == 0);
    (void)scene.pool.maintain(now);
    REQUIRE(scene.connector.opening == 1);
    scene.connector.fail(scene.pool, kFull, now);
  }
  CHECK_FALSE(one.error);
  (void)scene.pool.maintain(kStart + seconds(5));
  REQUIRE(one.error);
  CHECK(one.error->sqlstate == "53300");
}

TEST_CASE("A timed-out waiter learns what kept it", "[pool][failure]") {
  config::Pool settings = settingsOf(1);
  SECTION("busy servers") {
    Scene scene(settings);
    FakeWaiter holder, waiter;
    holder.ask(scene.pool, kStart);
    scene.connector.connect(scene.pool, kStart);
    waiter.ask(scene.pool, kStart);
    CHECK(scene.pool.maintain(kStart) == kStart + seconds(30));
    (void)scene.pool.maintain(kStart + seconds(30));
    REQUIRE(waiter.error);
    CHECK(waiter.error->text ==
          "no server became free within pools.wait_timeout (30000 ms): all servers are busy");
  }
  SECTION("the budget") {
    Scene scene(settings, 0);
    FakeWaiter waiter;
    waiter.ask(scene.pool, kStart);
    CHECK(scene.stats().starved);
    (void)scene.pool.maintain(kStart + seconds(30));
    REQUIRE(waiter.error);
    CHECK(waiter.error->text ==
          "no server became free within pools.wait_timeout (30000 ms): the backend's "
          "max_connections are all in use");
    CHECK_FALSE(scene.stats().starved);
  }
  SECTION("a slow login") {
    Scene scene(settings);
    FakeWaiter waiter;
    waiter.ask(scene.pool, kStart);
    (void)scene.pool.maintain(kStart + seconds(30));
    REQUIRE(waiter.error);
    CHECK(waiter.error->text ==
          "no server became free within pools.wait_timeout (30000 ms): a login is still under way");
  }
}

TEST_CASE("A failed waiter may destroy itself and others, or ask again", "[pool][failure]") {
  Scene scene(settingsOf(1));
  auto first = std::make_unique<FakeWaiter>();
  auto second = std::make_unique<FakeWaiter>();
  FakeWaiter third, fourth;
  first->on_failure = [&] {
    second.reset();
    first.reset();
  };
  third.on_failure = [&] { third.ask(scene.pool, kStart); };
  for (FakeWaiter* client : {first.get(), second.get(), &third, &fourth}) {
    client->ask(scene.pool, kStart);
  }
  scene.connector.fail(scene.pool, kRefused, kStart);
  CHECK(third.waiting());
  CHECK(fourth.error);
  CHECK(scene.stats().waiting == 1);
  (void)scene.pool.maintain(kStart + milliseconds(50));
  scene.connector.connect(scene.pool, kStart + milliseconds(50));
  CHECK(third.lease);
}

TEST_CASE("A starved pool tries again soon, and when it is told to", "[pool][budget]") {
  Scene scene(settingsOf(5), 2);
  REQUIRE(scene.budget.tryTake());  // By somebody else.
  FakeWaiter one, two, three;
  one.ask(scene.pool, kStart);
  CHECK(scene.observer.starved == 0);
  two.ask(scene.pool, kStart);
  CHECK(scene.observer.starved == 1);
  CHECK(scene.pool.starving() == 1);
  three.ask(scene.pool, kStart);
  CHECK(scene.pool.starving() == 2);
  CHECK(scene.pool.maintain(kStart) == kStart + milliseconds(100));
  three.leave();
  CHECK(scene.pool.starving() == 1);
  scene.budget.giveBack();
  scene.pool.retry(kStart);
  CHECK(scene.connector.opening == 2);
  CHECK(scene.pool.starving() == 0);
  CHECK_FALSE(scene.budget.tryTake());
}

TEST_CASE("A pool below min_size without a waiter does not count as starved", "[pool][budget]") {
  Scene scene(settingsOf(5, 2), 0);
  scene.pool.attach(kStart);
  CHECK(scene.observer.starved == 0);
  CHECK_FALSE(scene.stats().starved);
}
