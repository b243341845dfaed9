// The right to use one server until it is given back. No decision is taken here.

#pragma once

#include <memory>
#include <utility>

#include "proxy/base/clock.h"
#include "proxy/pool/server.h"

namespace peerpool::pool {

class Pool;

/// What a lease costs its holder elsewhere (a limit on servers); paid back when destroyed, which
/// may happen inside the pool's methods.
class LeaseCharge {
 public:
  virtual ~LeaseCharge() = default;
};

/// Owns the server while it is out. Destroyed without giveBack() it discards: a server in an
/// unknown state never reaches another client. The pool must outlive its leases.
class Lease {
 public:
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { discard(); }

  /// False once it was moved from, given back or discarded.
  explicit operator bool() const noexcept { return server_ != nullptr; }

  /// Only while the lease is true.
  [[nodiscard]] Server& server() const noexcept;

  /// Kept until the server is given back or discarded, whoever has the lease by then.
  void charge(std::unique_ptr<LeaseCharge> charge) noexcept { charge_ = std::move(charge); }

  /// The server is clean and waits for a next client. The first waiter may be served from inside
  /// this call (Waiter::onLease), so it comes last in what the caller does.
  void giveBack(TimePoint now);

  /// The server is closed; its place becomes free at Pool::onClosed(). Nobody is called back.
  void discard() noexcept;

 private:
  friend class Pool;
  Lease(Pool& pool, std::unique_ptr<Server> server) noexcept
      : pool_(&pool), server_(std::move(server)) {}

  Pool* pool_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<LeaseCharge> charge_;
};

}  // namespace peerpool::pool
