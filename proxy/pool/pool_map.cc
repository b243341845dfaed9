// All pools of one worker; see pool_map.h.

#include "proxy/pool/pool_map.h"

#include <algorithm>
#include <chrono>

#include "proxy/base/check.h"
#include "proxy/base/intrusive_list.h"

namespace peerpool::pool {

/// Lists of pools, each in the order in which they joined; a pool that dies leaves all.
struct PoolMap::Backend {
  Backend(std::string backend_name, Duration connect_timeout)
      : name(std::move(backend_name)), health(connect_timeout) {}

  /// Do waiters lack more than `places` servers? Looks at no more than `places` + 1 pools that
  /// starve, and takes those out that no longer do: waiters leave without a word.
  [[nodiscard]] bool lacksMoreThan(std::size_t places) noexcept {
    std::size_t lacking = 0;
    for (PoolNode* node = starving.front(); node != nullptr;) {
      PoolNode* next = starving.after(*node);
      const std::size_t here = node->pool.starving();
      if (here == 0) {
        node->unlink();
      }
      lacking += here;
      if (lacking > places) {
        return true;
      }
      node = next;
    }
    return false;
  }

  const std::string name;
  IntrusiveList<PoolNode> with_idle;  // At most as many as the backend's max_connections.
  IntrusiveList<PoolNode> starving;
  std::size_t closing = 0;  // Servers whose places will be free.
  BackendHealth health;
  HeldPools held;
  TimePoint turn_at = kNever;  // When one of the held may try.
  TimePoint failing_since{};   // While cause is not empty.
  std::string cause;           // As the owner was told; empty while it answers.
  bool awaited = false;        // As the owner was told.
};

class PoolMap::Entry final : private PoolObserver {
 public:
  /// `key` and all references outlive the entry.
  Entry(PoolMap& map, Backend& backend, PoolMapOwner::Parts parts, const PoolKey& key,
        TimePoint now)
      : number_(++map.last_number_),
        map_(map),
        backend_(backend),
        key_(key),
        connector_(std::move(parts.connector)),
        pool_(key.settings, *connector_, *parts.budget, backend.health, *this, now),
        idle_node_(pool_),
        starving_node_(pool_),
        held_node_(pool_) {}

  [[nodiscard]] Pool& pool() noexcept { return pool_; }
  [[nodiscard]] const PoolKey& key() const noexcept { return key_; }
  /// When it is due in the schedule; kNever: it is not in it.
  [[nodiscard]] TimePoint due() const noexcept { return due_; }
  /// Its key in the schedule. The number keeps pools that are due together in the order of their
  /// making.
  [[nodiscard]] std::pair<TimePoint, std::uint64_t> dueKey() const noexcept {
    return {due_, number_};
  }
  void setDue(TimePoint due) noexcept { due_ = due; }

 private:
  void onDue(Pool& /*pool*/, TimePoint due) override { map_.schedule(*this, due); }

  void onIdleChanged(Pool& /*pool*/, bool any) override {
    if (any) {
      backend_.with_idle.pushBack(idle_node_);
    } else {
      idle_node_.unlink();
    }
  }

  void onStarved(Pool& /*pool*/, TimePoint now) override {
    if (!starving_node_.linked()) {
      backend_.starving.pushBack(starving_node_);
    }
    map_.makeRoom(backend_, now);
  }

  void onClosing(Pool& /*pool*/) override { ++backend_.closing; }

  void onPlaceFreed(Pool& /*pool*/, bool was_closing, TimePoint now) override {
    if (was_closing) {
      --backend_.closing;
    }
    retryStarved(backend_, now);
    if (!backend_.lacksMoreThan(0)) {
      map_.owner_.onPlaceFreed(key_.backend);
    }
  }

  void onHeld(Pool& /*pool*/, TimePoint now) override { map_.hold(backend_, held_node_, now); }
  void onBackendFailed(Pool& pool, TimePoint now) override {
    map_.tellFailure(backend_, pool, now);
  }
  void onBackendAnswered(Pool& /*pool*/, TimePoint now) override {
    map_.releaseHeld(backend_, now);
  }

  const std::uint64_t number_;
  PoolMap& map_;
  Backend& backend_;
  const PoolKey& key_;
  TimePoint due_ = kNever;
  std::unique_ptr<Connector> connector_;
  Pool pool_;
  PoolNode idle_node_;
  PoolNode starving_node_;
  PoolNode held_node_;
};

PoolMap::PoolMap(PoolMapOwner& owner) : owner_(owner) {}

PoolMap::~PoolMap() = default;

bool PoolMap::admits(const PoolKey& key) const {
  return pools_.size() < kMostPools || pools_.count(key) != 0;
}

Pool& PoolMap::find(const PoolKey& key, TimePoint now) {
  if (const auto known = pools_.find(key); known != pools_.end()) {
    return known->second->pool();
  }
  PoolMapOwner::Parts parts = owner_.makeParts(key);
  check(parts.connector != nullptr && parts.budget != nullptr, "a pool without its parts");
  std::unique_ptr<Backend>& backend = backends_[key.backend];
  if (backend == nullptr) {
    backend = std::make_unique<Backend>(key.backend, parts.connect_timeout);
  }
  backend->health.setConnectTimeout(parts.connect_timeout);
  const auto made = pools_.try_emplace(key).first;
  made->second = std::make_unique<Entry>(*this, *backend, std::move(parts), made->first, now);
  schedule(*made->second, now + key.settings.idle_timeout);
  return made->second->pool();
}

bool PoolMap::rename(const PoolKey& before, const PoolKey& after, TimePoint now) {
  if (pools_.count(after) != 0) {
    return false;
  }
  auto node = pools_.extract(before);
  if (node.empty()) {
    return false;
  }
  node.key() = after;  // The entry's reference to its key stays valid.
  const auto renamed = pools_.insert(std::move(node)).position;
  renamed->second->pool().reconfigure(after.settings, now);
  return true;
}

TimePoint PoolMap::maintain(TimePoint now) {
  check(maintained_ == nullptr, "pools are maintained from inside a call back");
  for (const auto& [name, backend] : backends_) {
    if (backend->turn_at <= now) {
      backend->held.retry(backend->health, now);
      planTurn(*backend, now);
    }
  }
  while (!schedule_.empty() && schedule_.begin()->first.first <= now) {
    Entry& entry = *schedule_.begin()->second;
    schedule_.erase(schedule_.begin());
    maintained_ = &entry;
    const TimePoint due = entry.pool().maintain(now);
    if (entry.pool().removable(now)) {
      pools_.erase(pools_.find(entry.key()));
    } else {
      entry.setDue(due);
      schedule_.emplace(entry.dueKey(), &entry);
    }
    maintained_ = nullptr;
  }
  TimePoint due = schedule_.empty() ? kNever : schedule_.begin()->first.first;
  for (const auto& [name, backend] : backends_) {
    due = std::min(due, backend->turn_at);
  }
  return due;
}

bool PoolMap::evictIdle(const std::string& backend, TimePoint now) {
  const auto known = backends_.find(backend);
  return known != backends_.end() && evictIdle(*known->second, now);
}

bool PoolMap::starved(const std::string& backend) const {
  const auto known = backends_.find(backend);
  return known != backends_.end() && known->second->lacksMoreThan(0);
}

void PoolMap::retryStarved(const std::string& backend, TimePoint now) {
  if (const auto known = backends_.find(backend); known != backends_.end()) {
    retryStarved(*known->second, now);
  }
}

void PoolMap::hurry(const std::string& backend, TimePoint now) {
  const auto known = backends_.find(backend);
  if (known != backends_.end() && known->second->awaited) {
    known->second->health.hurry(now);
    known->second->held.retry(known->second->health, now);
    planTurn(*known->second, now);
  }
}

void PoolMap::forEach(const std::function<void(const PoolKey&, const Pool&)>& visit) const {
  for (const auto& [key, entry] : pools_) {
    visit(key, entry->pool());
  }
}

void PoolMap::forEachPool(const std::function<void(Pool&)>& visit) {
  for (const auto& [key, entry] : pools_) {
    visit(entry->pool());
  }
}

void PoolMap::schedule(Entry& entry, TimePoint due) {
  if (&entry == maintained_) {
    return;  // Its maintain() returns a time that has seen all this.
  }
  if (due >= entry.due()) {
    return;
  }
  schedule_.erase(entry.dueKey());
  entry.setDue(due);
  schedule_.emplace(entry.dueKey(), &entry);
  if (maintained_ == nullptr && schedule_.begin()->second == &entry) {
    owner_.onDue(due);
  }
}

/// Servers that are closing anyway count: they make room too.
void PoolMap::makeRoom(Backend& backend, TimePoint now) {
  while (backend.lacksMoreThan(backend.closing)) {
    if (!evictIdle(backend, now)) {
      owner_.onStarved(backend.name);
      return;
    }
  }
}

bool PoolMap::evictIdle(Backend& backend, TimePoint now) {
  PoolNode* longest = backend.with_idle.front();
  for (PoolNode* node = longest; node != nullptr; node = backend.with_idle.after(*node)) {
    if (node->pool.oldestIdle() < longest->pool.oldestIdle()) {
      longest = node;
    }
  }
  return longest != nullptr && longest->pool.evictIdle(now);
}

/// A pool that is refused again joins the list again, at its end.
void PoolMap::retryStarved(Backend& backend, TimePoint now) {
  while (PoolNode* node = backend.starving.popFront()) {
    node->pool.retry(now);
    if (node->pool.starving() > 0) {
      return;
    }
  }
}

void PoolMap::hold(Backend& backend, PoolNode& node, TimePoint now) {
  backend.held.hold(node);
  planTurn(backend, now);
}

void PoolMap::tellFailure(Backend& backend, const Pool& teller, TimePoint now) {
  const BackOff& series = backend.health.series();
  if (backend.cause != series.lastError().text) {
    backend.cause = series.lastError().text;
    backend.failing_since = series.since();
    owner_.onBackendFails(backend.name, series.lastError());
  }
  backend.held.tell(teller, now);
  planTurn(backend, now);
}

void PoolMap::releaseHeld(Backend& backend, TimePoint now) {
  backend.cause.clear();
  owner_.onBackendAnswers(backend.name,
                          std::chrono::duration_cast<Duration>(now - backend.failing_since));
  backend.held.release(now);
  planTurn(backend, now);
}

/// Says when the next of the held has its turn, and whether anybody waits at all.
void PoolMap::planTurn(Backend& backend, TimePoint now) {
  const TimePoint next = backend.held.nextTurn(backend.health, now);
  const bool planned = next != kNever && backend.turn_at > now;
  // A turn is never put off: clients that come all the time would put it off forever.
  const TimePoint turn_at = planned ? std::min(backend.turn_at, next) : next;
  if (turn_at != backend.turn_at) {
    backend.turn_at = turn_at;
    if (turn_at != kNever) {
      owner_.onDue(turn_at);
    }
  }
  const bool awaited = backend.health.failing() && !backend.held.empty();
  if (awaited != backend.awaited) {
    backend.awaited = awaited;
    owner_.onAwaited(backend.name, awaited);
  }
}

}  // namespace peerpool::pool
