// Hands the server of a lease back to its pool.

#include "proxy/pool/lease.h"

#include <utility>

#include "proxy/base/check.h"
#include "proxy/pool/pool.h"

namespace peerpool::pool {

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    discard();
    pool_ = other.pool_;
    server_ = std::move(other.server_);
    charge_ = std::move(other.charge_);
  }
  return *this;
}

Server& Lease::server() const noexcept {
  check(server_ != nullptr, "server of an empty lease");
  return *server_;
}

void Lease::giveBack(TimePoint now) {
  check(server_ != nullptr, "an empty lease is given back");
  charge_.reset();
  // The lease may be destroyed by whoever is served next: nothing of it is used after this line.
  pool_->release(std::move(server_), now);
}

void Lease::discard() noexcept {
  charge_.reset();
  if (server_ != nullptr) {
    pool_->discard(std::move(server_));
  }
}

}  // namespace peerpool::pool
