// What a pool does because time has passed, and what it tells about itself.

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/pool/pool.h"

namespace peerpool::pool {
namespace {

/// maintain() runs at most this often for one pool.
constexpr Duration kLeastStep{1};
constexpr Duration kBudgetRetry{100};
constexpr Duration kFloorRetry{1000};

/// A client that comes while an attempt is under way learns its outcome if it comes that soon, and
/// the outcome of the one before if not.
constexpr Duration kOutcomePatience{1000};

/// A pool that nobody uses is kept so long for what it knows about failing logins.
constexpr Duration kFailureMemory{5000};

}  // namespace

TimePoint Pool::maintain(TimePoint now) {
  failUnserved(now);
  failTimedOut(now);
  closeUnneeded(now);
  openMissing(now);
  reportIdle();
  due_ = nextDue(now);
  return due_;
}

/// When a client that queued at `queued_at` is told why no server comes; kNever: not before the
/// outcome of the next attempt.
TimePoint Pool::tellAt(TimePoint queued_at) const noexcept {
  const BackOff& failures = this->failures();
  const bool passes = mayPass(failures.lastError());
  // What only this pool suffers from and cannot pass was told when it happened (onConnectFailed).
  if (!failures.failing() || active_ + idle_.size() > 0 || (!passes && !health_.failing())) {
    return kNever;
  }
  const Duration patience = std::min(settings_.wait_timeout, health_.connectTimeout());
  TimePoint due = failures.since() + (passes ? patience : Duration::zero());
  if (queued_at > failures.lastFailedAt() + patience + kOutcomePatience) {
    return kNever;  // The cause is too old: nobody has asked for a while.
  }
  if (queued_at > failures.lastFailedAt()) {
    const bool under_way = health_.failing() ? health_.underWay() > 0 : login_ > 0;
    due = std::max(due, queued_at + (under_way ? kOutcomePatience : Duration::zero()));
  }
  if (health_.hangs() && told_at_ < failures.since()) {
    due = std::max(due, queued_at + patience);
  }
  return due;
}

void Pool::failUnserved(TimePoint now) {
  TimePoint until = TimePoint::min();
  for (const Waiter* waiter = waiters_.front();
       waiter != nullptr && tellAt(waiter->queued_at_) <= now; waiter = waiters_.after(*waiter)) {
    until = waiter->queued_at_;
  }
  if (until != TimePoint::min()) {
    told_at_ = now;
    const Error cause = lastFailure();  // A waiter that asks again may end the series.
    (void)failWaiters(until, cause, now);
  }
}

void Pool::failTimedOut(TimePoint now) {
  if (waiters_.empty() || now - waiters_.front()->queued_at_ < settings_.wait_timeout) {
    return;
  }
  std::string cause = "all servers are busy";
  if (failures().failing()) {
    if (active_ + idle_.size() == 0) {
      const Error failure = lastFailure();
      totals_.wait_timeouts += failWaiters(now - settings_.wait_timeout, failure, now);
      return;
    }
    cause = "the last login failed: " + lastFailure().text;
  } else if (starved_) {
    cause = "the backend's max_connections are all in use";
  } else if (usable() == 0 || login_ > 0) {
    cause = "a login is still under way";
  }
  const Error error{.code = ErrorCode::TimedOut,
                    .text = "no server became free within pools.wait_timeout (" +
                            std::to_string(settings_.wait_timeout.count()) + " ms): " + cause};
  totals_.wait_timeouts += failWaiters(now - settings_.wait_timeout, error, now);
}

void Pool::closeUnneeded(TimePoint now) {
  const auto aged = std::find_if(
      idle_.begin(), idle_.end(),
      [this, now](const std::unique_ptr<Server>& server) { return now >= retirement(*server); });
  if (aged != idle_.end()) {
    retire(takeIdle(static_cast<std::size_t>(aged - idle_.begin())), now);
  }
  while (!idle_.empty() && now - oldestIdle() >= settings_.idle_timeout && usable() > floor(now)) {
    close(takeIdle(0));
  }
}

void Pool::reconfigure(const config::Pool& settings, TimePoint now) {
  settings_ = settings;
  while (!idle_.empty() && total() > settings_.size) {
    close(takeIdle(0));
  }
  reportIdle();
  openMissing(now);
  dueBy(now);
}

void Pool::renewServers(TimePoint now) {
  renewed_at_ = now;
  while (!idle_.empty()) {
    close(takeIdle(0));
  }
  reportIdle();
  dueBy(now + kLeastStep);  // What is opened at this very time would count as old.
}

/// When openMissing() is to be called again, unless it is called back.
TimePoint Pool::nextAttempt(TimePoint now) const noexcept {
  if (!lacksServers(now)) {
    return kNever;
  }
  if (now < back_off_.retryAt()) {
    return back_off_.retryAt();
  }
  if (failures().failing() && login_ > 0) {
    return kNever;
  }
  if (!health_.mayStart(back_off_.failing(), now)) {
    return waiting_ > 0 ? kNever : now + kFloorRetry;
  }
  return now + kBudgetRetry;
}

TimePoint Pool::nextDue(TimePoint now) const noexcept {
  TimePoint due = kNever;
  if (!waiters_.empty()) {
    const TimePoint queued_at = waiters_.front()->queued_at_;
    due = std::min({due, queued_at + settings_.wait_timeout, tellAt(queued_at)});
  }
  due = std::min(due, nextAttempt(now));
  if (!idle_.empty() && usable() > floor(now)) {
    due = std::min(due, oldestIdle() + settings_.idle_timeout);
  }
  for (const std::unique_ptr<Server>& server : idle_) {
    due = std::min(due, retirement(*server));
  }
  const TimePoint unwanted = left_at_ + settings_.idle_timeout;
  if (clients_ == 0 && unwanted > now) {
    due = std::min(due, unwanted);
  }
  return std::max(std::min(due, removableAt()), now + kLeastStep);
}

/// A pool costs memory, and clients choose parts of its key: without clients and servers it goes at
/// once, unless it opens servers by itself, or knows what a client that comes soon needs not wait
/// for.
TimePoint Pool::removableAt() const noexcept {
  if (clients_ > 0 || waiting_ > 0 || total() > 0 || serving_) {
    return kNever;
  }
  if (settings_.min_size > 0) {
    return left_at_ + settings_.idle_timeout;
  }
  if (!failures().failing()) {
    return left_at_;
  }
  return std::max(left_at_, told_at_) + std::min(settings_.idle_timeout, kFailureMemory);
}

PoolStats Pool::stats(TimePoint now) const {
  PoolStats stats = totals_;
  stats.clients = clients_;
  stats.waiting = waiting_;
  stats.login = login_;
  stats.idle = idle_.size();
  stats.active = active_;
  stats.closing = closing_;
  stats.size = settings_.size;
  stats.starved = starving() > 0;
  if (!waiters_.empty()) {
    stats.longest_wait =
        std::chrono::duration_cast<std::chrono::microseconds>(now - waiters_.front()->queued_at_);
  }
  const BackOff& failures = this->failures();
  stats.last_failure = failures.lastError().text;
  if (failures.failing()) {
    using std::chrono::milliseconds;
    stats.backend_fails = health_.failing();
    stats.failing_for = std::chrono::duration_cast<milliseconds>(now - failures.since());
    stats.next_attempt = std::max(
        std::chrono::duration_cast<milliseconds>(failures.retryAt() - now), milliseconds::zero());
  }
  return stats;
}

}  // namespace peerpool::pool
