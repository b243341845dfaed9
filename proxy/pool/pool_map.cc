// All pools of one worker; see pool_map.h.

#include "proxy/pool/pool_map.h"

#include "proxy/base/check.h"
#include "proxy/base/intrusive_list.h"

namespace peerpool::pool {

/// Two lists of pools, each in the order in which they joined; a pool that dies leaves both.
struct PoolMap::Backend {
  struct Node final : ListNode {
    explicit Node(Pool& node_pool) noexcept : pool(node_pool) {}
    Pool& pool;
  };

  /// Do waiters lack more than `places` servers? Looks at no more than `places` + 1 pools that
  /// starve, and takes those out that no longer do: waiters leave without a word.
  [[nodiscard]] bool lacksMoreThan(std::size_t places) noexcept {
    std::size_t lacking = 0;
    for (Node* node = starving.front(); node != nullptr;) {
      Node* next = starving.after(*node);
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

  IntrusiveList<Node> with_idle;  // At most as many as the backend's max_connections.
  IntrusiveList<Node> starving;
  std::size_t closing = 0;  // Servers whose places will be free.
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
        pool_(key.settings, *connector_, *parts.budget, *this, now),
        idle_node_(pool_),
        starving_node_(pool_) {}

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
    map_.makeRoom(backend_, key_.backend, now);
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

  const std::uint64_t number_;
  PoolMap& map_;
  Backend& backend_;
  const PoolKey& key_;
  TimePoint due_ = kNever;
  std::unique_ptr<Connector> connector_;
  Pool pool_;
  Backend::Node idle_node_;
  Backend::Node starving_node_;
};

PoolMap::PoolMap(PoolMapOwner& owner) : owner_(owner) {}

PoolMap::~PoolMap() = default;

Pool& PoolMap::find(const PoolKey& key, TimePoint now) {
  if (const auto known = pools_.find(key); known != pools_.end()) {
    return known->second->pool();
  }
  PoolMapOwner::Parts parts = owner_.makeParts(key);
  check(parts.connector != nullptr && parts.budget != nullptr, "a pool without its parts");
  std::unique_ptr<Backend>& backend = backends_[key.backend];
  if (backend == nullptr) {
    backend = std::make_unique<Backend>();
  }
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
  return schedule_.empty() ? kNever : schedule_.begin()->first.first;
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
void PoolMap::makeRoom(Backend& backend, const std::string& name, TimePoint now) {
  while (backend.lacksMoreThan(backend.closing)) {
    if (!evictIdle(backend, now)) {
      owner_.onStarved(name);
      return;
    }
  }
}

bool PoolMap::evictIdle(Backend& backend, TimePoint now) {
  Backend::Node* longest = backend.with_idle.front();
  for (Backend::Node* node = longest; node != nullptr; node = backend.with_idle.after(*node)) {
    if (node->pool.oldestIdle() < longest->pool.oldestIdle()) {
      longest = node;
    }
  }
  return longest != nullptr && longest->pool.evictIdle(now);
}

/// A pool that is refused again joins the list again, at its end.
void PoolMap::retryStarved(Backend& backend, TimePoint now) {
  while (Backend::Node* node = backend.starving.popFront()) {
    node->pool.retry(now);
    if (node->pool.starving() > 0) {
      return;
    }
  }
}

}  // namespace peerpool::pool
