// A waiter that leaves keeps its pool's count right.

#include "proxy/pool/waiter.h"

#include "proxy/pool/pool.h"

namespace peerpool::pool {

void Waiter::leave() noexcept {
  if (pool_ != nullptr) {
    --pool_->waiting_;
    pool_ = nullptr;
  }
  unlink();
}

}  // namespace peerpool::pool
