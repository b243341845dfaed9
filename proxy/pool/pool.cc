// The decisions of a pool that answer an event; what is due by time is in pool_maintain.cc.

#include "proxy/pool/pool.h"

#include <algorithm>
#include <utility>

#include "proxy/base/check.h"

namespace peerpool::pool {
namespace {

/// A place that another worker gave back is found after this, even if nobody tells.
constexpr Duration kStarvedRetry{100};
/// The same when only min_size is not reached: nobody waits.
constexpr Duration kFloorRetry{1000};

}  // namespace

Pool::Pool(const config::Pool& settings, Connector& connector, Budget& budget,
           BackendHealth& health, PoolObserver& observer, TimePoint now)
    : settings_(settings),
      connector_(connector),
      budget_(budget),
      health_(health),
      observer_(observer),
      left_at_(now) {
  idle_.reserve(settings.size);
}

Pool::~Pool() {
  check(active_ == 0, "a pool dies before its leases");
  while (Waiter* waiter = waiters_.front()) {
    waiter->leave();
  }
  for (std::size_t logins = login_; logins > 0; --logins) {
    health_.forgotten();
  }
  for (std::size_t places = total(); places > 0; --places) {
    budget_.giveBack();
  }
}

void Pool::attach(TimePoint now) {
  ++clients_;
  openMissing(now);
}

void Pool::detach(TimePoint now) {
  check(clients_ > 0, "more clients detached than attached");
  --clients_;
  left_at_ = now;
  dueBy(std::min(removableAt(), now + settings_.idle_timeout));
}

std::optional<Lease> Pool::acquire(Waiter& waiter, ClientId client, TimePoint now) {
  check(!waiter.waiting(), "a client waits twice");
  if (waiters_.empty() && !idle_.empty()) {
    Lease lease = takeLease(std::min(lastUsedBy(client), idle_.size() - 1), now);
    reportIdle();
    return lease;
  }
  waiter.pool_ = this;
  waiter.queued_at_ = now;
  waiters_.pushBack(waiter);
  ++waiting_;
  ++totals_.waits;
  openMissing(now);
  dueBy(std::min(now + settings_.wait_timeout, tellAt(now)));
  return std::nullopt;
}

std::optional<Lease> Pool::takeUsedBy(ClientId client, TimePoint now) {
  const std::size_t index = lastUsedBy(client);
  if (index == idle_.size()) {
    return std::nullopt;
  }
  Lease lease = takeLease(index, now);
  reportIdle();
  return lease;
}

/// Its index among the idle servers, the most recently used one's if there are several; their
/// number if there is none.
std::size_t Pool::lastUsedBy(ClientId client) const noexcept {
  for (std::size_t index = idle_.size(); index > 0; --index) {
    if (idle_[index - 1]->lastClient() == client) {
      return index - 1;
    }
  }
  return idle_.size();
}

void Pool::onConnected(std::unique_ptr<Server> server, TimePoint now) {
  check(login_ > 0 && !calling_connector_, "a server that was not asked for");
  --login_;
  ++totals_.logins;
  back_off_.succeeded();
  const bool was_failing = health_.failing();
  health_.loggedIn(now);
  servers_.pushBack(*server);
  if (server->openedAt() <= renewed_at_) {
    close(std::move(server));
  } else {
    putIdle(std::move(server), now);
    serveWaiters(now);
  }
  openMissing(now);
  if (was_failing) {
    observer_.onBackendAnswered(*this, now);
  }
}

void Pool::onConnectFailed(const Error& error, TimePoint now) {
  check(login_ > 0 && !calling_connector_, "a failure of a server that was not asked for");
  --login_;
  ++totals_.login_failures;
  const bool was_failing = health_.failing();
  const bool of_backend = health_.failed(error, now);
  if (!of_backend) {
    back_off_.failed(error, health_.begunAt(error, now), now);
  }
  told_at_ = now;
  placeFreed(false, now);
  if (usable() == 0 && !mayPass(error)) {
    failWaiters(TimePoint::max(), error, now);
  }
  failUnserved(now);
  openMissing(now);
  if (of_backend) {
    observer_.onBackendFailed(*this, now);
  } else if (was_failing && !health_.failing()) {
    observer_.onBackendAnswered(*this, now);
  }
}

void Pool::onBackendFailed(TimePoint now) {
  failUnserved(now);
  if (!waiters_.empty()) {
    dueBy(tellAt(waiters_.front()->queued_at_));
  }
}

void Pool::onClosed(TimePoint now) {
  check(closing_ > 0 && !calling_connector_, "a server that was not being closed");
  --closing_;
  placeFreed(true, now);
  openMissing(now);
}

void Pool::onIdleLost(Server& server, TimePoint now) {
  const auto lost = std::find_if(
      idle_.begin(), idle_.end(),
      [&server](const std::unique_ptr<Server>& idle) { return idle.get() == &server; });
  check(lost != idle_.end(), "a server was lost that is not idle");
  close(takeIdle(static_cast<std::size_t>(lost - idle_.begin())));
  reportIdle();
  openMissing(now);
}

bool Pool::evictIdle(TimePoint now) {
  if (idle_.empty()) {
    return false;
  }
  close(takeIdle(0));
  reportIdle();
  // min_size may be missed now; it is not fought for.
  dueBy(now + kFloorRetry);
  return true;
}

TimePoint Pool::oldestIdle() const noexcept {
  return idle_.empty() ? kNever : idle_.front()->stateSince();
}

void Pool::release(std::unique_ptr<Server> server, TimePoint now) {
  --active_;
  if (unwanted(*server)) {
    close(std::move(server));
    openMissing(now);
    return;
  }
  if (now >= retirement(*server)) {
    retire(std::move(server), now);
    openMissing(now);
    return;
  }
  putIdle(std::move(server), now);
  serveWaiters(now);
}

void Pool::discard(std::unique_ptr<Server> server) noexcept {
  --active_;
  close(std::move(server));
}

void Pool::putIdle(std::unique_ptr<Server> server, TimePoint now) {
  server->setState(ServerState::Idle, now);
  dueBy(std::min(now + settings_.idle_timeout, retirement(*server)));
  idle_.push_back(std::move(server));
}

Lease Pool::takeLease(std::size_t index, TimePoint now) {
  std::unique_ptr<Server> server = takeIdle(index);
  server->setState(ServerState::Active, now);
  ++active_;
  ++totals_.leases;
  return Lease(*this, std::move(server));
}

/// A waiter that gives back at once calls release() and so this function again: the loop at the
/// bottom of the stack serves the next one, or the stack would grow with the queue.
void Pool::serveWaiters(TimePoint now) {
  if (serving_) {
    return;
  }
  serving_ = true;
  while (!idle_.empty() && !waiters_.empty()) {
    Waiter& waiter = dequeue(now);
    waiter.onLease(takeLease(idle_.size() - 1, now));
  }
  serving_ = false;
  reportIdle();
}

void Pool::openMissing(TimePoint now) {
  starved_ = false;
  // Whoever waits for a backend that fails wants to hear of it, whether or not this pool asks.
  if (waiting_ > 0 && health_.failing()) {
    observer_.onHeld(*this, now);
  }
  while (lacksServers(now)) {
    if (now < back_off_.retryAt()) {
      dueBy(back_off_.retryAt());
      return;
    }
    // One attempt is enough to learn whether the backend is back.
    if (failures().failing() && login_ > 0) {
      return;
    }
    if (!health_.mayStart(back_off_.failing(), now)) {
      if (waiting_ > 0) {
        observer_.onHeld(*this, now);
      } else {
        dueBy(now + kFloorRetry);
      }
      return;
    }
    if (!budget_.tryTake()) {
      starved_ = missingForWaiters() > 0;
      dueBy(now + (starved_ ? kStarvedRetry : kFloorRetry));
      if (starved_) {
        observer_.onStarved(*this, now);
      }
      return;
    }
    ++login_;
    health_.started(now);
    back_off_.started(now);
    calling_connector_ = true;
    connector_.open(*this);
    calling_connector_ = false;
  }
}

/// A lower bound on the distance keeps servers that were opened together from dying together, which
/// would make all clients wait for logins at once. PgBouncer has the same rule.
void Pool::retire(std::unique_ptr<Server> server, TimePoint now) {
  next_retirement_ = now + settings_.lifetime / static_cast<Duration::rep>(settings_.size);
  close(std::move(server));
}

void Pool::close(std::unique_ptr<Server> server) noexcept {
  server->setState(ServerState::Closing, server->stateSince());
  ++closing_;
  observer_.onClosing(*this);
  calling_connector_ = true;
  connector_.close(*this, std::move(server));
  calling_connector_ = false;
}

std::unique_ptr<Server> Pool::takeIdle(std::size_t index) noexcept {
  std::unique_ptr<Server> server = std::move(idle_[index]);
  idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(index));
  return server;
}

void Pool::placeFreed(bool was_closing, TimePoint now) {
  budget_.giveBack();
  dueBy(std::max(removableAt(), now));
  observer_.onPlaceFreed(*this, was_closing, now);
}

Waiter& Pool::dequeue(TimePoint now) noexcept {
  Waiter& waiter = *waiters_.popFront();
  waiter.pool_ = nullptr;
  --waiting_;
  totals_.wait_time +=
      std::chrono::duration_cast<std::chrono::microseconds>(now - waiter.queued_at_);
  return waiter;
}

/// All leave the queue before the first is told: one that waits again at once must not fail twice,
/// and one that is destroyed by another takes itself out.
std::size_t Pool::failWaiters(TimePoint queued_until, const Error& error, TimePoint now) {
  IntrusiveList<Waiter> failed;
  std::size_t count = 0;
  while (!waiters_.empty() && waiters_.front()->queued_at_ <= queued_until) {
    failed.pushBack(dequeue(now));
    ++count;
  }
  while (Waiter* waiter = failed.popFront()) {
    waiter->onFailure(error);
  }
  return count;
}

std::size_t Pool::missingForWaiters() const noexcept {
  const std::size_t coming = login_ + idle_.size();
  return waiting_ > coming ? waiting_ - coming : 0;
}

/// Of a server that no lease holds any more: one that a reload made superfluous.
bool Pool::unwanted(const Server& server) const noexcept {
  return server.openedAt() <= renewed_at_ || total() >= settings_.size;
}

bool Pool::lacksServers(TimePoint now) const noexcept {
  return total() < settings_.size && (missingForWaiters() > 0 || usable() < floor(now));
}

std::size_t Pool::starving() const noexcept {
  return starved_ ? std::min(missingForWaiters(), settings_.size - total()) : 0;
}

std::size_t Pool::floor(TimePoint now) const noexcept {
  const bool wanted = clients_ > 0 || now - left_at_ < settings_.idle_timeout;
  return wanted ? settings_.min_size : 0;
}

TimePoint Pool::retirement(const Server& server) const noexcept {
  return std::max(server.openedAt() + settings_.lifetime, next_retirement_);
}

void Pool::dueBy(TimePoint due) {
  if (due < due_) {
    due_ = due;
    observer_.onDue(*this, due);
  }
}

void Pool::reportIdle() {
  const bool any = !idle_.empty();
  if (any != reported_idle_ && !serving_) {
    reported_idle_ = any;
    observer_.onIdleChanged(*this, any);
  }
}

}  // namespace peerpool::pool
