// A connector, an observer and waiters that do as they are told and keep count. No sockets, manual
// time.

#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/pool/pool.h"

namespace peerpool::pool {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline const TimePoint kStart{hours(1000)};

/// Keeps logins and closings pending until the test ends them.
class FakeConnector final : public Connector {
 public:
  void open(Pool& /*pool*/) override {
    ++opening;
    ++opened;
  }
  void close(Pool& /*pool*/, std::unique_ptr<Server> server) noexcept override {
    closed.push_back(server->id());
    closing.push_back(std::move(server));
  }

  void connect(Pool& pool, TimePoint now) {
    REQUIRE(opening > 0);
    --opening;
    pool.onConnected(std::make_unique<Server>(ServerId{++last_id}, now), now);
  }
  void fail(Pool& pool, const Error& error, TimePoint now) {
    REQUIRE(opening > 0);
    --opening;
    pool.onConnectFailed(error, now);
  }
  void finishClose(Pool& pool, TimePoint now) {
    REQUIRE(!closing.empty());
    closing.erase(closing.begin());
    pool.onClosed(now);
  }

  std::size_t opening = 0;  ///< Logins in flight.
  std::size_t opened = 0;   ///< Logins ever asked for.
  std::uint64_t last_id = 0;
  std::vector<std::unique_ptr<Server>> closing;
  std::vector<ServerId> closed;
};

/// Notes what it is told.
class FakeObserver final : public PoolObserver {
 public:
  void onDue(Pool& /*pool*/, TimePoint at) override { due = at; }
  void onIdleChanged(Pool& /*pool*/, bool any) override { idle = any; }
  void onStarved(Pool& /*pool*/, TimePoint /*now*/) override { ++starved; }
  void onClosing(Pool& /*pool*/) override { ++closing; }
  void onPlaceFreed(Pool& /*pool*/, bool was_closing, TimePoint /*now*/) override {
    closing -= was_closing ? 1 : 0;
    ++freed;
  }
  void onHeld(Pool& /*pool*/, TimePoint /*now*/) override { ++held; }
  void onBackendFailed(Pool& /*pool*/, TimePoint /*now*/) override { ++failed; }
  void onBackendAnswered(Pool& /*pool*/, TimePoint /*now*/) override { ++answered; }

  TimePoint due = kNever;
  bool idle = false;
  int starved = 0;
  int closing = 0;
  int freed = 0;
  int held = 0;
  int failed = 0;
  int answered = 0;
};

/// A client that keeps what it gets, and may run something when it gets it.
class FakeWaiter final : public Waiter {
 public:
  explicit FakeWaiter(std::string waiter_name = "") : name(std::move(waiter_name)) {}

  void onLease(Lease granted) override {
    lease = std::move(granted);
    if (on_lease) {
      // A copy: it may destroy this waiter.
      const auto action = on_lease;
      action();
    }
  }
  void onFailure(const Error& failure) override {
    error = failure;
    if (on_failure) {
      const auto action = on_failure;
      action();
    }
  }
  /// Asks as a client does; true when it got a server at once.
  bool ask(Pool& pool, TimePoint now, ClientId client = {}) {
    lease = pool.acquire(*this, client, now);
    return lease.has_value();
  }
  [[nodiscard]] std::uint64_t serverId() { return lease ? lease->server().id().value : 0; }

  std::string name;
  std::optional<Lease> lease;
  std::optional<Error> error;
  std::function<void()> on_lease;
  std::function<void()> on_failure;
};

inline config::Pool settingsOf(std::size_t size, std::size_t min_size = 0) {
  config::Pool settings;
  settings.size = size;
  settings.min_size = min_size;
  settings.wait_timeout = seconds(30);
  settings.idle_timeout = minutes(10);
  settings.lifetime = hours(1);
  return settings;
}

/// One pool with all that it needs.
struct Scene {
  explicit Scene(const config::Pool& settings, std::size_t places = 1000)
      : budget(places), pool(settings, connector, budget, health, observer, kStart) {}

  /// Opens `count` servers and leaves them idle, the last one as the most recently used.
  void openIdle(std::size_t count, TimePoint now) {
    std::vector<std::unique_ptr<FakeWaiter>> waiters;
    for (std::size_t i = 0; i < count; ++i) {
      waiters.push_back(std::make_unique<FakeWaiter>());
      REQUIRE_FALSE(waiters.back()->ask(pool, now));
    }
    for (std::size_t i = 0; i < count; ++i) {
      connector.connect(pool, now);
    }
    for (auto& waiter : waiters) {
      waiter->lease->giveBack(now);
    }
  }
  [[nodiscard]] PoolStats stats(TimePoint now = kStart) const { return pool.stats(now); }

  Budget budget;
  BackendHealth health{seconds(5)};
  FakeConnector connector;
  FakeObserver observer;
  Pool pool;
};

}  // namespace peerpool::pool
