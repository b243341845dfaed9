// Leases, the queue, and what waiters may do when they are called.

#include "proxy/pool/pool.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

TEST_CASE("A client without a server waits for a login", "[pool][lease]") {
  Scene scene(settingsOf(2));
  FakeWaiter client;
  CHECK_FALSE(client.ask(scene.pool, kStart));
  CHECK(client.waiting());
  CHECK(scene.connector.opening == 1);
  CHECK(scene.stats().login == 1);
  CHECK(scene.stats().waiting == 1);
  CHECK(scene.budget.taken() == 1);

  scene.connector.connect(scene.pool, kStart + seconds(2));
  CHECK(client.serverId() == 1);
  CHECK_FALSE(client.waiting());
  CHECK(client.lease->server().state() == ServerState::Active);
  const PoolStats stats = scene.stats(kStart + seconds(2));
  CHECK(stats.active == 1);
  CHECK(stats.waiting == 0);
  CHECK(stats.leases == 1);
  CHECK(stats.waits == 1);
  CHECK(stats.wait_time == seconds(2));
}

TEST_CASE("The most recently used idle server is taken, without a wait", "[pool][lease]") {
  Scene scene(settingsOf(3));
  scene.openIdle(3, kStart);
  CHECK(scene.observer.idle);
  FakeWaiter one, two, three, four;
  CHECK(one.ask(scene.pool, kStart));
  CHECK(two.ask(scene.pool, kStart));
  CHECK(one.serverId() == 3);
  CHECK(two.serverId() == 2);
  one.lease->giveBack(kStart + seconds(1));
  CHECK_FALSE(*one.lease);
  CHECK(three.ask(scene.pool, kStart + seconds(1)));
  CHECK(three.serverId() == 3);
  CHECK(four.ask(scene.pool, kStart + seconds(1)));
  CHECK(four.serverId() == 1);
  CHECK_FALSE(scene.observer.idle);
  CHECK(scene.connector.opened == 3);
}

TEST_CASE("A server knows its last client until the next one is set", "[pool][lease]") {
  Scene scene(settingsOf(1));
  scene.openIdle(1, kStart);
  FakeWaiter one, two;
  REQUIRE(one.ask(scene.pool, kStart));
  CHECK_FALSE(one.lease->server().lastClient());
  one.lease->server().setLastClient(ClientId{7});
  one.lease->giveBack(kStart);
  REQUIRE(two.ask(scene.pool, kStart));
  CHECK(two.lease->server().lastClient() == ClientId{7});
}

TEST_CASE("There are as many logins as waiters, up to the size", "[pool][limits]") {
  Scene scene(settingsOf(3));
  std::vector<std::unique_ptr<FakeWaiter>> clients;
  for (std::size_t i = 1; i <= 5; ++i) {
    clients.push_back(std::make_unique<FakeWaiter>());
    CHECK_FALSE(clients.back()->ask(scene.pool, kStart));
    CHECK(scene.connector.opening == std::min<std::size_t>(i, 3));
  }
}

TEST_CASE("Waiters are served first come first served", "[pool][queue]") {
  Scene scene(settingsOf(1));
  FakeWaiter first("first"), second("second"), third("third");
  std::vector<std::string> order;
  for (FakeWaiter* client : {&first, &second, &third}) {
    client->on_lease = [&order, client] { order.push_back(client->name); };
    client->ask(scene.pool, kStart);
  }
  scene.connector.connect(scene.pool, kStart);
  first.lease->giveBack(kStart);
  second.lease->giveBack(kStart);
  CHECK(order == std::vector<std::string>{"first", "second", "third"});
  CHECK(scene.connector.opened == 1);
}

TEST_CASE("A server given back goes to the first waiter at once", "[pool][queue]") {
  Scene scene(settingsOf(1));
  FakeWaiter first, second;
  first.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  second.ask(scene.pool, kStart);
  scene.observer.idle = true;  // It would be told if the server were idle in between.
  first.lease->giveBack(kStart);
  CHECK(second.serverId() == 1);
  CHECK(scene.observer.idle);
  CHECK(scene.stats().idle == 0);
}

TEST_CASE("A waiter that is destroyed or leaves is skipped", "[pool][queue]") {
  Scene scene(settingsOf(1));
  FakeWaiter first, third, fourth;
  auto second = std::make_unique<FakeWaiter>();
  first.ask(scene.pool, kStart);
  second->ask(scene.pool, kStart);
  third.ask(scene.pool, kStart);
  fourth.ask(scene.pool, kStart);
  CHECK(scene.stats().waiting == 4);
  second.reset();
  third.leave();
  third.leave();
  CHECK(scene.stats().waiting == 2);
  scene.connector.connect(scene.pool, kStart);
  first.lease->giveBack(kStart);
  CHECK(fourth.serverId() == 1);
  CHECK_FALSE(third.lease);
}

TEST_CASE("A server whose waiter left becomes idle", "[pool][queue]") {
  Scene scene(settingsOf(1));
  {
    FakeWaiter gone;
    gone.ask(scene.pool, kStart);
  }
  scene.connector.connect(scene.pool, kStart);
  CHECK(scene.stats().idle == 1);
  CHECK(scene.observer.idle);
}

TEST_CASE("A lease that dies without being given back closes its server", "[pool][lease]") {
  Scene scene(settingsOf(1));
  FakeWaiter first, second;
  first.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  second.ask(scene.pool, kStart);
  SECTION("destroyed") { first.lease.reset(); }
  SECTION("discarded") { first.lease->discard(); }
  SECTION("overwritten") { first.lease = std::optional<Lease>(); }
  CHECK(scene.connector.closing.size() == 1);
  CHECK(scene.connector.closing[0]->state() == ServerState::Closing);
  // The backend may still count it: no other is opened until it is gone.
  CHECK(scene.connector.opening == 0);
  CHECK(scene.stats().closing == 1);
  CHECK(scene.budget.taken() == 1);

  scene.connector.finishClose(scene.pool, kStart);
  CHECK(scene.connector.opening == 1);
  CHECK(scene.budget.taken() == 1);
  scene.connector.connect(scene.pool, kStart);
  CHECK(second.serverId() == 2);
}

TEST_CASE("A moved lease is given back once", "[pool][lease]") {
  Scene scene(settingsOf(2));
  scene.openIdle(2, kStart);
  FakeWaiter one, two;
  one.ask(scene.pool, kStart);
  two.ask(scene.pool, kStart);
  Lease moved = std::move(*one.lease);
  one.lease.reset();
  CHECK(scene.stats().active == 2);
  moved = std::move(*two.lease);
  CHECK(scene.stats().active == 1);
  CHECK(scene.stats().closing == 1);
  CHECK(moved.server().id() == ServerId{1});
  moved.giveBack(kStart);
  CHECK(scene.stats().idle == 1);
}

TEST_CASE("Waiters that give back at once are all served, with a flat stack", "[pool][calls]") {
  Scene scene(settingsOf(1));
  constexpr std::size_t kMany = 100'000;
  std::vector<std::unique_ptr<FakeWaiter>> clients;
  std::vector<std::size_t> order;
  int depth = 0;
  int deepest = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.push_back(std::make_unique<FakeWaiter>());
    FakeWaiter& client = *clients.back();
    client.on_lease = [&, i] {
      deepest = std::max(deepest, ++depth);
      order.push_back(i);
      clients[i]->lease->giveBack(kStart);
      --depth;
    };
    client.ask(scene.pool, kStart);
  }
  scene.connector.connect(scene.pool, kStart);
  CHECK(deepest == 1);
  CHECK(order.size() == kMany);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(scene.stats().idle == 1);
  CHECK(scene.stats().leases == kMany);
}

TEST_CASE("A client that gives back and asks again stands behind the others", "[pool][calls]") {
  Scene scene(settingsOf(1));
  FakeWaiter greedy, other;
  int turns = 0;
  greedy.on_lease = [&] {
    if (++turns == 1) {
      greedy.lease->giveBack(kStart);
      greedy.lease.reset();
      CHECK_FALSE(greedy.ask(scene.pool, kStart));
    }
  };
  greedy.ask(scene.pool, kStart);
  other.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  CHECK(other.serverId() == 1);
  CHECK(greedy.waiting());
  other.lease->giveBack(kStart);
  CHECK(greedy.serverId() == 1);
}

TEST_CASE("A waiter may destroy itself and others when it is served", "[pool][calls]") {
  Scene scene(settingsOf(1));
  auto first = std::make_unique<FakeWaiter>();
  auto second = std::make_unique<FakeWaiter>();
  FakeWaiter third;
  first->on_lease = [&] {
    second.reset();
    first.reset();
  };
  first->ask(scene.pool, kStart);
  second->ask(scene.pool, kStart);
  third.ask(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  CHECK(scene.stats().closing == 1);
  CHECK(scene.stats().waiting == 1);
  scene.connector.finishClose(scene.pool, kStart);
  scene.connector.connect(scene.pool, kStart);
  CHECK(third.serverId() == 2);
}

TEST_CASE("An idle server whose connection broke is closed", "[pool][lease]") {
  Scene scene(settingsOf(3));
  scene.openIdle(3, kStart);
  Server* middle = scene.pool.servers().after(*scene.pool.servers().front());
  REQUIRE(middle->id() == ServerId{2});
  scene.pool.onIdleLost(*middle, kStart);
  CHECK(scene.connector.closed == std::vector<ServerId>{{2}});
  CHECK(scene.stats().idle == 2);
  CHECK(scene.stats().closing == 1);
  scene.connector.finishClose(scene.pool, kStart);
  CHECK(scene.budget.taken() == 2);
}

TEST_CASE("All servers of a pool can be listed with their states", "[pool][status]") {
  Scene scene(settingsOf(3));
  scene.openIdle(3, kStart);
  FakeWaiter one, two;
  one.ask(scene.pool, kStart);
  two.ask(scene.pool, kStart);
  two.lease->discard();
  std::vector<std::pair<std::uint64_t, ServerState>> seen;
  const auto& servers = scene.pool.servers();
  for (Server* server = servers.front(); server != nullptr; server = servers.after(*server)) {
    seen.emplace_back(server->id().value, server->state());
  }
  CHECK(seen == std::vector<std::pair<std::uint64_t, ServerState>>{
                    {1, ServerState::Idle}, {2, ServerState::Closing}, {3, ServerState::Active}});
  scene.connector.finishClose(scene.pool, kStart);
  CHECK(servers.countSlowly() == 2);
}

TEST_CASE("A pool that ends gives all its places back", "[pool][limits]") {
  Budget budget(10);
  FakeConnector connector;
  BackendHealth health{seconds(5)};
  FakeObserver observer;
  FakeWaiter one, two, three, left;
  {
    Pool pool(settingsOf(3), connector, budget, health, observer, kStart);
    one.ask(pool, kStart);
    two.ask(pool, kStart);
    connector.connect(pool, kStart);
    connector.connect(pool, kStart);
    three.ask(pool, kStart);
    left.ask(pool, kStart);
    one.lease->discard();
    two.lease->giveBack(kStart);
    CHECK(three.serverId() == 2);
    three.lease->giveBack(kStart);
    CHECK(left.lease);
    left.lease->giveBack(kStart);
    one.lease.reset();
    CHECK(budget.taken() == 3);
  }
  CHECK(budget.taken() == 0);
}

TEST_CASE("A client gets the server back that it used last, if nobody has it", "[pool]") {
  Scene scene(settingsOf(3));
  scene.openIdle(3, kStart);
  FakeWaiter one, two;
  REQUIRE(one.ask(scene.pool, kStart, ClientId{1}));
  REQUIRE(two.ask(scene.pool, kStart, ClientId{2}));
  const std::uint64_t used = one.serverId();
  one.lease->server().setLastClient(ClientId{1});
  two.lease->server().setLastClient(ClientId{2});
  one.lease->giveBack(kStart);
  two.lease->giveBack(kStart);
  REQUIRE(one.ask(scene.pool, kStart, ClientId{1}));
  CHECK(one.serverId() == used);
  one.lease->giveBack(kStart);

  // When it leaves, each server it was the last to use is found once.
  auto left = scene.pool.takeUsedBy(ClientId{1}, kStart);
  REQUIRE(left);
  CHECK(left->server().id().value == used);
  CHECK_FALSE(scene.pool.takeUsedBy(ClientId{1}, kStart));
  CHECK_FALSE(scene.pool.takeUsedBy(ClientId{3}, kStart));
  left->giveBack(kStart);
}
