// One atomic count.

#include "proxy/pool/budget.h"

#include "proxy/base/check.h"

namespace peerpool::pool {

bool Budget::tryTake() noexcept {
  std::size_t taken = taken_.load(std::memory_order_relaxed);
  while (taken < max()) {
    // Relaxed suffices: the count guards no memory.
    if (taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void Budget::giveBack() noexcept {
  const std::size_t taken = taken_.fetch_sub(1, std::memory_order_relaxed);
  check(taken > 0, "more places given back than taken");
}

}  // namespace peerpool::pool
