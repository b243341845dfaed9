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

 protected:
  ~PoolMapOwner() = default;
};

/// Lives on one worker's thread. Costs nothing for pools that rest.
class PoolMap {
 public:
  /// `owner` must outlive the map.
  explicit PoolMap(PoolMapOwner& owner);
  /// No lease may be left.
  ~PoolMap();
  PoolMap(const PoolMap&) = delete;
  PoolMap& operator=(const PoolMap&) = delete;

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

  [[nodiscard]] std::size_t size() const noexcept { return pools_.size(); }
  /// In no order; `visit` must not change the map.
  void forEach(const std::function<void(const PoolKey&, const Pool&)>& visit) const;
  void forEachPool(const std::function<void(Pool&)>& visit);

 private:
  class Entry;     // A pool with its connector, and its place in the schedule.
  struct Backend;  // What the pools of one backend compete for.

  void schedule(Entry& entry, TimePoint due);
  void makeRoom(Backend& backend, const std::string& name, TimePoint now);
  static bool evictIdle(Backend& backend, TimePoint now);
  static void retryStarved(Backend& backend, TimePoint now);

  PoolMapOwner& owner_;
  std::unordered_map<std::string, std::unique_ptr<Backend>> backends_;
  std::unordered_map<PoolKey, std::unique_ptr<Entry>, PoolKeyHash> pools_;
  std::map<std::pair<TimePoint, std::uint64_t>, Entry*> schedule_;  // By due time, then by age.
  std::uint64_t last_number_ = 0;
  const Entry* maintained_ = nullptr;  // The pool whose maintain() is on the stack.
};

}  // namespace peerpool::pool
