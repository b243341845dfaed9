// The pools of one backend whose clients wait until it may be asked: each gets its turn.

#pragma once

#include "proxy/base/clock.h"
#include "proxy/base/intrusive_list.h"
#include "proxy/pool/backend_health.h"
#include "proxy/pool/pool.h"

namespace peerpool::pool {

/// A pool's place in one list of its backend; leaves it when destroyed.
struct PoolNode final : ListNode {
  explicit PoolNode(Pool& node_pool) noexcept : pool(node_pool) {}
  Pool& pool;
};

/// In the order in which they joined. A pool whose clients have left leaves when its turn comes.
class HeldPools {
 public:
  void hold(PoolNode& node) noexcept;
  [[nodiscard]] bool empty() const noexcept { return held_.empty(); }

  /// Lets one after the other try, until `health` has no more attempts to give. Who needs more
  /// joins again, at the end.
  void retry(const BackendHealth& health, TimePoint now);
  /// Lets all of them try.
  void release(TimePoint now);
  /// Tells all but `teller` that the backend failed.
  void tell(const Pool& teller, TimePoint now);

  /// When to call retry(), as far as known; kNever when none is held.
  [[nodiscard]] TimePoint nextTurn(const BackendHealth& health, TimePoint now) const noexcept;

 private:
  IntrusiveList<PoolNode> held_;
};

}  // namespace peerpool::pool
