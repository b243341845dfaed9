// A worker with its pools of one backend: connectors that do as they are told, and what the pools
// wanted of it.

#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/pool/pool_map.h"
#include "tests/proxy/pool/fakes.h"

namespace peerpool::pool {

/// Passes calls to a FakeConnector that outlives the pool.
class Forward final : public Connector {
 public:
  explicit Forward(FakeConnector& fake) : fake_(fake) {}
  void open(Pool& pool) override { fake_.open(pool); }
  void close(Pool& pool, std::unique_ptr<Server> server) noexcept override {
    fake_.close(pool, std::move(server));
  }

 private:
  FakeConnector& fake_;
};

struct FakeWorker final : PoolMapOwner {
  explicit FakeWorker(Budget& shared) : budget(shared), map(*this) {}

  Parts makeParts(const PoolKey& key) override {
    ++made;
    return {std::make_unique<Forward>(connectors[key.database]), &budget};
  }
  void onDue(TimePoint at) override {
    due = at;
    earliest = std::min(earliest, at);
  }
  void onStarved(const std::string& backend) override { starved.push_back(backend); }
  void onPlaceFreed(const std::string& backend) override { freed.push_back(backend); }
  void onBackendFails(const std::string& backend, const Error& cause) override {
    health.push_back(backend + ": " + cause.text);
  }
  void onBackendAnswers(const std::string& backend, Duration outage) override {
    health.push_back(backend + " after " + std::to_string(outage.count()));
  }
  void onAwaited(const std::string& backend, bool wanted) override { awaited[backend] = wanted; }

  Pool& pool(const std::string& database, std::size_t size = 10, std::size_t min_size = 0) {
    PoolKey key{.backend = "main",
                .database = database,
                .login_role = "role",
                .settings = settingsOf(size, min_size),
                .startup_parameters = {}};
    return map.find(key, kStart);
  }
  FakeConnector& connector(const std::string& database) { return connectors[database]; }
  /// Leaves one idle server in the pool of `database`.
  void openIdle(const std::string& database, TimePoint now) {
    FakeWaiter waiter;
    waiter.ask(pool(database), now);
    connector(database).connect(pool(database), now);
    waiter.lease->giveBack(now);
  }

  Budget& budget;
  std::map<std::string, FakeConnector> connectors;
  int made = 0;
  TimePoint due = kNever;       ///< As said last.
  TimePoint earliest = kNever;  ///< Of all that was said since a test set it.
  std::vector<std::string> starved;
  std::vector<std::string> freed;
  std::vector<std::string> health;
  std::map<std::string, bool> awaited;
  PoolMap map;
};

}  // namespace peerpool::pool
