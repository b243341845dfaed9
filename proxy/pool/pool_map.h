// All pools of one worker. Finds and makes them, wakes those that are due, and moves places of a
// backend's budget from pools that idle to pools that starve.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "proxy/base/clock.h"
#include "proxy/pool/held_pools.h"
#include "proxy/pool/pool.h"
#include "proxy/pool/pool_key.h"

namespace peerpool::pool {

/// What the worker does for its pools. Called from inside PoolMap and Pool: takes note or posts a
/// message, and calls neither of them back.
class PoolMapOwner {
 public:
  /// What a new pool needs. The budget is the backend's, and outlives the map.
  struct Parts {
    std::unique_ptr<Connector> connector;
    Budget* budget = nullptr;
    Duration connect_timeout{5000};  ///< Of the backend.
  };
  virtual Parts makeParts(const PoolKey& key) = 0;

  /// maintain() must be called at `due`, which is earlier than was said before.
  virtual void onDue(TimePoint due) = 0;
  /// Clients wait for a place of `backend`, and no pool here has an idle server to give up: another
  /// worker may have (PoolMap::evictIdle() there). Comes again while it lasts.
  virtual void onStarved(const std::string& backend) = 0;
  /// A place of `backend` went back to its budget and no pool here wants it: another worker may
  /// (PoolMap::retryStarved() there).
  virtual void onPlaceFreed(const std::string& backend) = 0;

  /// The first login at `backend` failed after some that did not, or its cause is another now.
  virtual void onBackendFails(const std::string& backend, const Error& cause) = 0;
  /// It answers again, after `outage`.
  virtual void onBackendAnswers(const std::string& backend, Duration outage) = 0;
  /// Clients wait for `backend`, which fails, and PoolMap::hurry() is welcome when its address
  /// changes; or (false) nobody does any more.
  virtual void onAwaited(const std::string& backend, bool awaited) = 0;

 protected:
  ~PoolMapOwner() = default;
};

/// Lives on one worker's thread. Costs nothing for pools that rest.
class PoolMap {
 public:
  /// Clients choose parts of a key (database, search_path), each pool takes some KiB, and walks
  /// over all pools (status, reload) must stay short: far more than anybody needs, and some 50 MiB.
  static constexpr std::size_t kMostPools = 10'000;

  /// `owner` must outlive the map.
  explicit PoolMap(PoolMapOwner& owner);
  /// No lease may be left.
  ~PoolMap();
  PoolMap(const PoolMap&) = delete;
  PoolMap& operator=(const PoolMap&) = delete;

  /// Is there a pool of `key`, or room for one more?
  [[nodiscard]] bool admits(const PoolKey& key) const;
  /// The pool of `key`, made if there is none. Stays valid while a client is attached, so attach
  /// before the next maintain().
  [[nodiscard]] Pool& find(const PoolKey& key, TimePoint now);

  /// After a reload: the pool of `before` becomes the pool of `after`, with its settings. False
  /// when there is no such pool, or `after` has one already.
  bool rename(const PoolKey& before, const PoolKey& after, TimePoint now);

  /// Does all that is due in all pools, and removes those that nobody uses. Returns when to call
  /// again, always later than `now`; kNever without pools. Not from inside a call back.
  TimePoint maintain(TimePoint now);

  /// Closes the longest idle server of the pools of `backend`; false when none is idle.
  bool evictIdle(const std::string& backend, TimePoint now);
  /// Do clients here wait for a place of `backend`?
  [[nodiscard]] bool starved(const std::string& backend) const;
  /// Lets the pools that starve try again, longest starving first; one that is refused again goes
  /// to the end of the line.
  void retryStarved(const std::string& backend, TimePoint now);

  /// Something changed at the address of `backend`: if it fails and clients wait, one login is
  /// tried now.
  void hurry(const std::string& backend, TimePoint now);

  [[nodiscard]] std::size_t size() const noexcept { return pools_.size(); }
  /// In no order; `visit` must not change the map.
  void forEach(const std::function<void(const PoolKey&, const Pool&)>& visit) const;
  void forEachPool(const std::function<void(Pool&)>& visit);

 private:
  class Entry;     // A pool with its connector, and its place in the schedule.
  struct Backend;  // What the pools of one backend compete for, and know of it.

  void schedule(Entry& entry, TimePoint due);
  void makeRoom(Backend& backend, TimePoint now);
  static bool evictIdle(Backend& backend, TimePoint now);
  static void retryStarved(Backend& backend, TimePoint now);
  void hold(Backend& backend, PoolNode& node, TimePoint now);
  void tellFailure(Backend& backend, const Pool& teller, TimePoint now);
  void releaseHeld(Backend& backend, TimePoint now);
  void planTurn(Backend& backend, TimePoint now);

  PoolMapOwner& owner_;
  std::unordered_map<std::string, std::unique_ptr<Backend>> backends_;
  std::unordered_map<PoolKey, std::unique_ptr<Entry>, PoolKeyHash> pools_;
  std::map<std::pair<TimePoint, std::uint64_t>, Entry*> schedule_;  // By due time, then by age.
  std::uint64_t last_number_ = 0;
  const Entry* maintained_ = nullptr;  // The pool whose maintain() is on the stack.
};

}  // namespace peerpool::pool
