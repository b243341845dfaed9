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

}  // namespace

TimePoint Pool::maintain(TimePoint now) {
  failTimedOut(now);
  closeUnneeded(now);
  openMissing(now);
  reportIdle();
  due_ = nextDue(now);
  return due_;
}

void Pool::failTimedOut(TimePoint now) {
  if (waiters_.empty() || now - waiters_.front()->queued_at_ < settings_.wait_timeout) {
    return;
  }
  std::string cause = "all servers are busy";
  if (back_off_.failing()) {
    cause = "the last login failed: " + back_off_.lastError().text;
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

TimePoint Pool::nextDue(TimePoint now) const noexcept {
  TimePoint due = kNever;
  if (!waiters_.empty()) {
    due = std::min(due, waiters_.front()->queued_at_ + settings_.wait_timeout);
  }
  if (lacksServers(now)) {
    if (now < back_off_.retryAt()) {
      due = std::min(due, back_off_.retryAt());
    } else if (!back_off_.failing() || login_ == 0) {
      due = std::min(due, now + kBudgetRetry);
    }
  }
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
  return std::max(due, now + kLeastStep);
}

bool Pool::removable(TimePoint now) const noexcept {
  return clients_ == 0 && waiting_ == 0 && total() == 0 && !serving_ &&
         now - left_at_ >= settings_.idle_timeout;
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
  stats.last_failure = back_off_.lastError().text;
  return stats;
}

}  // namespace peerpool::pool
