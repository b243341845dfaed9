// A pool: the servers of one pool key, and the clients that wait for one.
//
// The pool does no I/O and reads no clock. It decides; a Connector opens and closes servers, the
// caller says what time it is. One worker owns it and nobody else touches it, so there are no
// locks.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "config/model.h"
#include "proxy/base/clock.h"
#include "proxy/base/error.h"
#include "proxy/base/intrusive_list.h"
#include "proxy/pool/back_off.h"
#include "proxy/pool/backend_health.h"
#include "proxy/pool/budget.h"
#include "proxy/pool/connector.h"
#include "proxy/pool/lease.h"
#include "proxy/pool/server.h"
#include "proxy/pool/stats.h"
#include "proxy/pool/waiter.h"

namespace peerpool::pool {

/// What a pool tells whoever keeps it (PoolMap). Called from inside the pool's methods, which bear
/// any call to other pools, but none to this one.
class PoolObserver {
 public:
  /// maintain() must be called at `due`, which is earlier than was said before.
  virtual void onDue(Pool& pool, TimePoint due) = 0;
  /// The pool has its first idle server, or no longer any.
  virtual void onIdleChanged(Pool& pool, bool any) = 0;
  /// A client waits and the budget has no place.
  virtual void onStarved(Pool& pool, TimePoint now) = 0;
  /// A server is being closed: its place will be free.
  virtual void onClosing(Pool& pool) = 0;
  /// A place went back to the budget; `was_closing`: one that onClosing() had announced.
  virtual void onPlaceFreed(Pool& pool, bool was_closing, TimePoint now) = 0;
  /// Clients wait for a login, which may not begin now: onBackendFailed() or retry() when the turn
  /// comes. Again each time it is tried in vain.
  virtual void onHeld(Pool& pool, TimePoint now) = 0;
  /// A login of this pool ended: the backend fails (for others too), or answers.
  virtual void onBackendFailed(Pool& pool, TimePoint now) = 0;
  virtual void onBackendAnswered(Pool& pool, TimePoint now) = 0;

 protected:
  ~PoolObserver() = default;
};

/// Invariant: no server is asked for while the total (login, idle, active, closing) has reached
/// settings.size, or the budget or the backend's health refuses. No client waits while a server is
/// idle.
class Pool {
 public:
  /// All five references must outlive the pool. `now`: see removable().
  Pool(const config::Pool& settings, Connector& connector, Budget& budget, BackendHealth& health,
       PoolObserver& observer, TimePoint now);
  /// No lease may be left, and the connector calls no more. Idle servers are destroyed, waiters
  /// forgotten; all places go back to the budget.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// A client of this pool came or went, with or without a server. While there are none for
  /// settings.idle_timeout, min_size is not kept up.
  void attach(TimePoint now);
  void detach(TimePoint now);

  /// Takes the idle server that `client` used last (it needs no reset), else the most recently used
  /// one (warm caches, and the rest can age out). When there is none, queues `waiter` first come
  /// first served, opens a server if the limits permit, and returns nullopt. `waiter` must not be
  /// waiting already.
  [[nodiscard]] std::optional<Lease> acquire(Waiter& waiter, ClientId client, TimePoint now);

  /// An idle server that `client`, which leaves, was the last to use: to be reset. Call until there
  /// is none.
  [[nodiscard]] std::optional<Lease> takeUsedBy(ClientId client, TimePoint now);

  /// The server asked for has finished login.
  void onConnected(std::unique_ptr<Server> server, TimePoint now);
  /// The server asked for could not log in, and its connection is gone. With no server left that
  /// could serve them, waiters fail at once unless the failure can pass by itself (see mayPass() in
  /// back_off.h); then when it has lasted for the backend's connect_timeout (or wait_timeout, if
  /// that is shorter), later ones as soon as the cause is known to last.
  void onConnectFailed(const Error& error, TimePoint now);
  /// A server given to Connector::close() is gone at the backend.
  void onClosed(TimePoint now);
  /// An idle server's connection broke: it is closed. Not for an active one: its lease discards it.
  void onIdleLost(Server& server, TimePoint now);

  /// Does all that is due: wait timeouts, idle and lifetime limits, the minimum size, retries.
  /// Returns when to call again, if no onDue() comes earlier; always later than `now`.
  TimePoint maintain(TimePoint now);

  /// Closes the server that has been idle longest; false when none is. For a pool that starves.
  bool evictIdle(TimePoint now);
  /// When the longest idle server became idle; kNever when none is.
  [[nodiscard]] TimePoint oldestIdle() const noexcept;
  /// A login of another pool failed because of the backend.
  void onBackendFailed(TimePoint now);
  /// Tries again to open what is missing: the budget has a place, or the backend may be asked.
  void retry(TimePoint now) { openMissing(now); }
  /// Servers that waiters lack because of the budget.
  [[nodiscard]] std::size_t starving() const noexcept;

  /// After a reload: other settings from now on. Servers above a smaller size are closed when they
  /// are idle.
  void reconfigure(const config::Pool& settings, TimePoint now);
  /// The backend is another one, or is reached in another way: servers opened so far serve no new
  /// lease.
  void renewServers(TimePoint now);

  /// Does nobody need it? It has no client, waiter or server; one with min_size has had none for
  /// settings.idle_timeout, and one whose logins fail for some seconds.
  [[nodiscard]] bool removable(TimePoint now) const noexcept { return removableAt() <= now; }

  [[nodiscard]] const config::Pool& settings() const noexcept { return settings_; }
  /// The one it was made with: whoever made it knows its type.
  [[nodiscard]] Connector& connector() const noexcept { return connector_; }
  /// Of the backend's or the pool's last login, while they fail; else its text is empty.
  [[nodiscard]] const Error& lastFailure() const noexcept { return failures().lastError(); }
  [[nodiscard]] PoolStats stats(TimePoint now) const;
  /// All servers that are idle, active or closing, oldest first. For status, not for the data path.
  [[nodiscard]] const IntrusiveList<Server>& servers() const noexcept { return servers_; }

 private:
  friend class Lease;   // Lease::giveBack() releases; a lease destroyed without it discards.
  friend class Waiter;  // Leaving the queue keeps waiting_ right.
  void release(std::unique_ptr<Server> server, TimePoint now);
  void discard(std::unique_ptr<Server> server) noexcept;

  [[nodiscard]] std::size_t usable() const noexcept { return login_ + idle_.size() + active_; }
  [[nodiscard]] std::size_t total() const noexcept { return usable() + closing_; }
  [[nodiscard]] const BackOff& failures() const noexcept {
    return health_.failing() ? health_.series() : back_off_;
  }
  [[nodiscard]] TimePoint tellAt(TimePoint queued_at) const noexcept;
  [[nodiscard]] std::size_t floor(TimePoint now) const noexcept;
  [[nodiscard]] std::size_t missingForWaiters() const noexcept;
  [[nodiscard]] bool lacksServers(TimePoint now) const noexcept;
  [[nodiscard]] bool unwanted(const Server& server) const noexcept;
  [[nodiscard]] TimePoint retirement(const Server& server) const noexcept;
  [[nodiscard]] TimePoint nextAttempt(TimePoint now) const noexcept;
  [[nodiscard]] TimePoint nextDue(TimePoint now) const noexcept;
  [[nodiscard]] TimePoint removableAt() const noexcept;
  [[nodiscard]] Lease takeLease(std::size_t index, TimePoint now);
  [[nodiscard]] std::size_t lastUsedBy(ClientId client) const noexcept;
  void putIdle(std::unique_ptr<Server> server, TimePoint now);
  void serveWaiters(TimePoint now);
  void openMissing(TimePoint now);
  void retire(std::unique_ptr<Server> server, TimePoint now);
  void close(std::unique_ptr<Server> server) noexcept;
  std::unique_ptr<Server> takeIdle(std::size_t index) noexcept;
  void placeFreed(bool was_closing, TimePoint now);
  Waiter& dequeue(TimePoint now) noexcept;
  std::size_t failWaiters(TimePoint queued_until, const Error& error, TimePoint now);
  void failUnserved(TimePoint now);
  void failTimedOut(TimePoint now);
  void closeUnneeded(TimePoint now);
  void dueBy(TimePoint due);
  void reportIdle();

  config::Pool settings_;
  Connector& connector_;
  Budget& budget_;
  BackendHealth& health_;
  PoolObserver& observer_;
  std::vector<std::unique_ptr<Server>> idle_;  // Most recently used at the back.
  IntrusiveList<Waiter> waiters_;              // Oldest at the front.
  IntrusiveList<Server> servers_;
  BackOff back_off_;  // For what concerns this pool alone; the rest is health_'s.
  TimePoint told_at_ = TimePoint::min();  // When this pool last saw its backend hang.
  std::size_t clients_ = 0;
  std::size_t waiting_ = 0;  // Length of waiters_.
  std::size_t login_ = 0;
  std::size_t active_ = 0;
  std::size_t closing_ = 0;
  TimePoint left_at_;  // When the last client left, or the pool was made.
  TimePoint next_retirement_ = TimePoint::min();  // No server dies of age before this.
  TimePoint renewed_at_ = TimePoint::min();       // Servers opened before are not used again.
  TimePoint due_ = kNever;                        // At or before what maintain() would return.
  bool starved_ = false;            // The budget refused the last attempt for a waiter.
  bool serving_ = false;            // serveWaiters() is on the stack.
  bool calling_connector_ = false;  // It answers later: its answer now is a broken promise.
  bool reported_idle_ = false;
  PoolStats totals_;  // Only its totals are kept up.
};

}  // namespace peerpool::pool
