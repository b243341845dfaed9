// Pools of one worker: found, woken, removed, and fed from one budget.

#include "proxy/pool/pool_map.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/proxy/pool/fake_worker.h"

using namespace peerpool;
using namespace peerpool::pool;

TEST_CASE("Equal keys share a pool, any other part makes another", "[pool][map]") {
  Budget budget(10);
  FakeWorker worker(budget);
  const PoolKey key{.backend = "main",
                    .database = "shop",
                    .login_role = "rw",
                    .settings = {},
                    .startup_parameters = {{"search_path", "a"}}};
  Pool& pool = worker.map.find(key, kStart);
  CHECK(&worker.map.find(PoolKey(key), kStart) == &pool);
  CHECK(PoolKeyHash{}(key) == PoolKeyHash{}(PoolKey(key)));

  std::vector<PoolKey> others(12, key);
  others[0].backend = "other";
  others[1].database = "other";
  others[2].login_role = "other";
  others[3].superuser = true;
  others[4].startup_parameters = {};
  others[5].startup_parameters = {{"search_path", "b"}};
  others[6].settings.size = 3;
  others[7].settings.mode = config::PoolMode::Session;
  others[8].settings.lifetime = Duration(1);
  others[9].settings.idle_timeout = Duration(1);
  others[10].settings.wait_timeout = Duration(1);
  others[11].settings.wait_notice = Duration(1);
  for (std::size_t i = 0; i < others.size(); ++i) {
    CAPTURE(i);
    CHECK(PoolKeyHash{}(others[i]) != PoolKeyHash{}(key));
    CHECK(&worker.map.find(others[i], kStart) != &pool);
    CHECK(worker.map.size() == i + 2);
  }
  std::size_t visited = 0;
  worker.map.forEach([&](const PoolKey&, const Pool&) { ++visited; });
  CHECK(visited == 13);
}

TEST_CASE("A pool that nobody uses is removed at once", "[pool][map]") {
  Budget budget(10);
  FakeWorker worker(budget);
  Pool& pool = worker.pool("a");
  CHECK(worker.due == kStart + minutes(10));
  pool.attach(kStart);
  (void)worker.map.maintain(kStart + minutes(10));
  CHECK(worker.map.size() == 1);
  pool.detach(kStart + minutes(11));
  CHECK(worker.due == kStart + minutes(11));
  CHECK(worker.map.maintain(kStart + minutes(11)) == kNever);
  CHECK(worker.map.size() == 0);
  worker.pool("a");
  CHECK(worker.made == 2);
}

TEST_CASE("Only so many different pools are admitted", "[pool][map]") {
  Budget budget(10);
  FakeWorker worker(budget);
  const auto key = [](std::size_t number) {
    return PoolKey{.backend = "main",
                   .database = "shop",
                   .login_role = "role",
                   .settings = settingsOf(1),
                   .startup_parameters = {{"search_path", std::to_string(number)}}};
  };
  for (std::size_t i = 0; i < PoolMap::kMostPools; ++i) {
    REQUIRE(worker.map.admits(key(i)));
    worker.map.find(key(i), kStart).attach(kStart);
  }
  CHECK_FALSE(worker.map.admits(key(PoolMap::kMostPools)));
  CHECK(worker.map.admits(key(7)));
  worker.map.find(key(7), kStart).detach(kStart);
  (void)worker.map.maintain(kStart);
  CHECK(worker.map.admits(key(PoolMap::kMostPools)));
}

TEST_CASE("A pool whose last server closes later is removed then", "[pool][map]") {
  Budget budget(10);
  FakeWorker worker(budget);
  worker.openIdle("a", kStart);
  (void)worker.map.maintain(kStart + minutes(10));
  CHECK(worker.map.size() == 1);
  worker.connector("a").finishClose(worker.pool("a"), kStart + minutes(11));
  CHECK(worker.due == kStart + minutes(11));
  (void)worker.map.maintain(kStart + minutes(11));
  CHECK(worker.map.size() == 0);
  CHECK(budget.taken() == 0);
}

TEST_CASE("Only pools that are due are visited", "[pool][map]") {
  Budget budget(10'000);
  FakeWorker worker(budget);
  for (int i = 0; i < 1000; ++i) {
    worker.pool("p" + std::to_string(i)).attach(kStart);
  }
  FakeWaiter waiter;
  waiter.ask(worker.pool("p500"), kStart + seconds(5));
  CHECK(worker.due == kStart + seconds(35));
  CHECK(worker.map.maintain(kStart + seconds(34)) == kStart + seconds(35));
  (void)worker.map.maintain(kStart + seconds(35));
  CHECK(waiter.error);
}

TEST_CASE("A starved pool gets the place of the longest idle server of another",
          "[pool][map][budget]") {
  Budget budget(3);
  FakeWorker worker(budget);
  worker.openIdle("young", kStart + seconds(2));
  worker.openIdle("old", kStart + seconds(1));
  worker.openIdle("middle", kStart + seconds(3));
  FakeWaiter hungry;
  hungry.ask(worker.pool("hungry"), kStart + seconds(4));
  CHECK(worker.connector("old").closing.size() == 1);
  CHECK(worker.connector("young").closing.empty());
  CHECK(worker.connector("middle").closing.empty());
  CHECK(worker.connector("hungry").opening == 0);
  CHECK(worker.map.starved("main"));
  CHECK(worker.starved.empty());

  worker.connector("old").finishClose(worker.pool("old"), kStart + seconds(5));
  CHECK(worker.connector("hungry").opening == 1);
  CHECK_FALSE(worker.map.starved("main"));
  CHECK(budget.taken() == 3);
  worker.connector("hungry").connect(worker.pool("hungry"), kStart + seconds(6));
  CHECK(hungry.lease);
}

TEST_CASE("As many servers are evicted as waiters lack, no more", "[pool][map][budget]") {
  Budget budget(4);
  FakeWorker worker(budget);
  for (const char* name : {"a", "b", "c", "d"}) {
    worker.openIdle(name, kStart);
  }
  const auto evicted = [&worker] {
    std::size_t count = 0;
    for (const auto& [name, connector] : worker.connectors) {
      count += connector.closing.size();
    }
    return count;
  };
  FakeWaiter one, two, gone;
  one.ask(worker.pool("hungry"), kStart);
  CHECK(evicted() == 1);
  two.ask(worker.pool("hungrier"), kStart);
  CHECK(evicted() == 2);
  (void)worker.map.maintain(kStart + milliseconds(100));
  (void)worker.map.maintain(kStart + milliseconds(200));
  CHECK(evicted() == 2);
  gone.ask(worker.pool("hungry"), kStart);
  CHECK(evicted() == 3);
  CHECK(worker.starved.empty());
}

TEST_CASE("A server that is closing anyway is room enough", "[pool][map][budget]") {
  Budget budget(2);
  FakeWorker worker(budget);
  worker.openIdle("a", kStart);
  FakeWaiter holder;
  holder.ask(worker.pool("b"), kStart);
  worker.connector("b").connect(worker.pool("b"), kStart);
  holder.lease->discard();
  FakeWaiter hungry;
  hungry.ask(worker.pool("hungry"), kStart);
  CHECK(worker.connector("a").closing.empty());
  worker.connector("b").finishClose(worker.pool("b"), kStart);
  CHECK(worker.connector("hungry").opening == 1);
}

TEST_CASE("Starving pools get places in turn", "[pool][map][budget]") {
  Budget budget(2);
  REQUIRE(budget.tryTake());
  REQUIRE(budget.tryTake());
  FakeWorker worker(budget);
  FakeWaiter a1, a2, b1, c1;
  a1.ask(worker.pool("a"), kStart);
  a2.ask(worker.pool("a"), kStart);
  b1.ask(worker.pool("b"), kStart);
  c1.ask(worker.pool("c"), kStart);
  CHECK(worker.starved.size() == 4);
  b1.leave();
  budget.giveBack();
  worker.map.retryStarved("main", kStart);
  CHECK(worker.connector("a").opening == 1);
  CHECK(worker.connector("c").opening == 0);
  budget.giveBack();
  worker.map.retryStarved("main", kStart);
  CHECK(worker.connector("a").opening == 1);
  CHECK(worker.connector("b").opening == 0);
  CHECK(worker.connector("c").opening == 1);
  CHECK(worker.map.starved("main"));
  CHECK_FALSE(worker.map.starved("other"));
  worker.map.retryStarved("other", kStart);
  CHECK_FALSE(worker.map.evictIdle("other", kStart));
}

TEST_CASE("A place moves between workers through their owners", "[pool][map][budget]") {
  Budget budget(1);
  FakeWorker rich(budget);
  FakeWorker poor(budget);
  rich.openIdle("a", kStart);
  FakeWaiter hungry;
  hungry.ask(poor.pool("b"), kStart);
  CHECK(poor.starved == std::vector<std::string>{"main"});
  CHECK(rich.map.evictIdle("main", kStart));
  CHECK_FALSE(rich.map.evictIdle("main", kStart));
  CHECK(rich.freed.empty());
  rich.connector("a").finishClose(rich.pool("a"), kStart);
  CHECK(rich.freed == std::vector<std::string>{"main"});
  CHECK(poor.connector("b").opening == 0);
  poor.map.retryStarved("main", kStart);
  CHECK(poor.connector("b").opening == 1);
}

TEST_CASE("A place that nobody tells of is found all the same", "[pool][map][budget]") {
  Budget budget(1);
  REQUIRE(budget.tryTake());
  FakeWorker worker(budget);
  FakeWaiter hungry;
  hungry.ask(worker.pool("a"), kStart);
  CHECK(worker.due == kStart + milliseconds(100));
  CHECK(worker.map.maintain(kStart + milliseconds(100)) == kStart + milliseconds(200));
  budget.giveBack();
  (void)worker.map.maintain(kStart + milliseconds(200));
  CHECK(worker.connector("a").opening == 1);
}

TEST_CASE("A pool below min_size takes no place from others", "[pool][map][budget]") {
  Budget budget(1);
  FakeWorker worker(budget);
  worker.openIdle("a", kStart);
  worker.pool("b", 10, 2).attach(kStart);
  CHECK(worker.connector("a").closing.empty());
  CHECK_FALSE(worker.map.starved("main"));
}

TEST_CASE("A client that is called may use other pools and make new ones", "[pool][map][calls]") {
  Budget budget(2);
  FakeWorker worker(budget);
  worker.openIdle("a", kStart);
  FakeWaiter first, second;
  first.on_lease = [&] {
    // The pool of `a` is in the middle of serving; making room must find its second server.
    second.ask(worker.pool("new"), kStart);
  };
  FakeWaiter holder;
  REQUIRE(holder.ask(worker.pool("a"), kStart));
  first.ask(worker.pool("b"), kStart);
  holder.lease->giveBack(kStart);
  worker.connector("b").connect(worker.pool("b"), kStart);
  CHECK(first.lease);
  CHECK(second.waiting());
  CHECK(worker.connector("a").closing.size() == 1);
  worker.connector("a").finishClose(worker.pool("a"), kStart);
  CHECK(worker.connector("new").opening == 1);
}

TEST_CASE("A pool takes another key's place with its clients and servers", "[pool][map]") {
  Budget budget(10);
  FakeWorker worker(budget);
  Pool& pool = worker.pool("shop");
  pool.attach(kStart);
  worker.openIdle("shop", kStart);
  PoolKey before{.backend = "main",
                 .database = "shop",
                 .login_role = "role",
                 .settings = settingsOf(10),
                 .startup_parameters = {}};
  PoolKey after = before;
  after.settings.size = 5;
  REQUIRE(worker.map.rename(before, after, kStart));
  CHECK(&worker.map.find(after, kStart) == &pool);
  CHECK(pool.settings().size == 5);
  CHECK(pool.stats(kStart).idle == 1);
  CHECK(worker.map.size() == 1);
  CHECK_FALSE(worker.map.rename(before, after, kStart));  // It has that name already.

  CHECK(&worker.map.find(before, kStart) != &pool);
  CHECK_FALSE(worker.map.rename(before, after, kStart));
  after.database = "other";
  CHECK_FALSE(worker.map.rename(PoolKey{}, after, kStart));
  pool.detach(kStart);
  (void)worker.map.maintain(kStart + hours(2));
}
