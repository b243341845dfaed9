// Every walk is over a list of its own: pools join again while it lasts.

#include "proxy/pool/held_pools.h"

namespace peerpool::pool {

void HeldPools::hold(PoolNode& node) noexcept {
  if (!node.linked()) {
    held_.pushBack(node);
  }
}

void HeldPools::retry(const BackendHealth& health, TimePoint now) {
  IntrusiveList<PoolNode> turn;
  turn.splice(held_);
  while (health.mayStart(true, now)) {
    PoolNode* node = turn.popFront();
    if (node == nullptr) {
      break;
    }
    node->pool.retry(now);
  }
  turn.splice(held_);
  held_.splice(turn);
}

void HeldPools::release(TimePoint now) {
  IntrusiveList<PoolNode> turn;
  turn.splice(held_);
  while (PoolNode* node = turn.popFront()) {
    node->pool.retry(now);
  }
}

void HeldPools::tell(const Pool& teller, TimePoint now) {
  IntrusiveList<PoolNode> turn;
  turn.splice(held_);
  while (PoolNode* node = turn.popFront()) {
    held_.pushBack(*node);
    if (&node->pool != &teller) {
      node->pool.onBackendFailed(now);
    }
  }
}

TimePoint HeldPools::nextTurn(const BackendHealth& health, TimePoint now) const noexcept {
  if (held_.empty()) {
    return kNever;
  }
  // Whoever could start now and did not waits for something of its own.
  const TimePoint start = health.startAt(true);
  return start > now ? start : now + BackOff::kMost;
}

}  // namespace peerpool::pool
