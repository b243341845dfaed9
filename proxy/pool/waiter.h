// A client that stands in the queue of a pool.

#pragma once

#include "proxy/base/clock.h"
#include "proxy/base/error.h"
#include "proxy/base/intrusive_list.h"
#include "proxy/pool/lease.h"

namespace peerpool::pool {

/// A client that wants a server. Leaves the queue when destroyed.
class Waiter : private ListNode {
 public:
  Waiter() noexcept = default;
  virtual ~Waiter() { leave(); }

  /// A server is linked to this client until the lease dies. Called when a login ends or another
  /// lease is given back, never from inside acquire(). The waiter has left the queue; it may give
  /// back at once, wait again, destroy itself or other waiters, but not the pool.
  virtual void onLease(Lease lease) = 0;

  /// No server will come: timed out (`error.code` TimedOut) or login refused (the backend's error).
  /// The waiter has left the queue and may do all that it may do in onLease().
  virtual void onFailure(const Error& error) = 0;

  [[nodiscard]] bool waiting() const noexcept { return linked(); }
  /// Out of the queue, without a call back; no effect when it is in none.
  void leave() noexcept;

 private:
  friend class Pool;
  friend class IntrusiveList<Waiter>;
  Pool* pool_ = nullptr;  // Of the queue it is in.
  TimePoint queued_at_;
};

}  // namespace peerpool::pool
