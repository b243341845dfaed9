#include "proxy/postgres/server_shares.h"

#include <algorithm>

namespace peerpool::postgres {
namespace {

class RightCharge final : public pool::LeaseCharge {
 public:
  explicit RightCharge(ServerShare::Right right) : right_(std::move(right)) {}

 private:
  ServerShare::Right right_;
};

}  // namespace

ServerShare::Right ServerShare::takeOrWait(const std::shared_ptr<Waiting>& waiting) {
  Queue served;
  bool taken = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.insert(
        std::upper_bound(queue_.begin(), queue_.end(), waiting->deadline,
                         [](TimePoint due, const auto& other) { return due < other->deadline; }),
        waiting);
    served = takeServed();
    taken = std::erase(served, waiting) > 0;
  }
  wake(served);
  return taken ? Right(shared_from_this()) : Right();
}

ServerShare::Right ServerShare::takeAnyway() {
  const std::lock_guard lock(mutex_);
  ++held_;
  return Right(shared_from_this());
}

void ServerShare::leave(const std::shared_ptr<Waiting>& waiting) {
  Queue served;
  {
    const std::lock_guard lock(mutex_);
    std::erase(queue_, waiting);
    served = takeServed();  // It may have been the only one whose limit is that low (a reload).
  }
  wake(served);
}

bool ServerShare::hasRoom(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  return held_ < limit && queue_.empty();
}

void ServerShare::giveBack() noexcept {
  Queue served;
  {
    const std::lock_guard lock(mutex_);
    --held_;
    served = takeServed();
  }
  wake(served);
}

/// Out of the queue, each with a right. By mutex_.
ServerShare::Queue ServerShare::takeServed() {
  Queue served;
  while (!queue_.empty() && held_ < queue_.front()->limit) {
    ++held_;
    served.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return served;
}

void ServerShare::wake(const Queue& served) {
  for (const std::shared_ptr<Waiting>& waiting : served) {
    // A right that finds nobody, or whose loop has ended, goes to the next one when it is dropped.
    waiting->loop.post([waiting, right = Right(shared_from_this())]() mutable {
      if (waiting->wake) {
        waiting->wake(std::move(right));
      }
    });
  }
}

std::shared_ptr<ServerShare> ServerShares::find(const std::string& rule, uid_t uid) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<ServerShare>& known = shares_[{rule, uid}];
  auto share = known.lock();
  if (share == nullptr) {
    share.reset(new ServerShare, [this, key = Key{rule, uid}](ServerShare* unused) {
      delete unused;
      forget(key);
    });
    known = share;
  }
  return share;
}

void ServerShares::forget(const Key& key) {
  const std::lock_guard lock(mutex_);
  // Somebody may have asked for it anew since the last one let it go.
  if (const auto found = shares_.find(key); found != shares_.end() && found->second.expired()) {
    shares_.erase(found);
  }
}

std::size_t ServerShares::size() const {
  const std::lock_guard lock(mutex_);
  return shares_.size();
}

ServerTurn::ServerTurn(event::EventLoop& loop, std::shared_ptr<ServerShare> share, Done done)
    : event::Timer(loop.timers()), loop_(loop), share_(std::move(share)), done_(std::move(done)) {}

ServerTurn::~ServerTurn() { leave(); }

bool ServerTurn::take(std::size_t limit, TimePoint deadline) {
  if (right_) {
    return true;
  }
  if (waiting_ != nullptr) {
    return false;
  }
  waiting_ = std::make_shared<ServerShare::Waiting>(
      ServerShare::Waiting{loop_, limit, deadline, [this](ServerShare::Right right) {
                             cancel();
                             waiting_.reset();
                             right_ = std::move(right);
                             done_(true);
                           }});
  right_ = share_->takeOrWait(waiting_);
  if (right_) {
    waiting_.reset();
    return true;
  }
  set(deadline);
  return false;
}

void ServerTurn::takeAnyway() {
  if (!right_) {
    right_ = share_->takeAnyway();
  }
}

std::optional<TimePoint> ServerTurn::waitsUntil() const {
  return waiting_ == nullptr ? std::nullopt : std::optional(deadline());
}

void ServerTurn::leave() {
  cancel();
  if (waiting_ != nullptr) {
    waiting_->wake = nullptr;
    share_->leave(waiting_);
    waiting_.reset();
  }
  right_.reset();
}

std::unique_ptr<pool::LeaseCharge> ServerTurn::makeCharge() {
  return std::make_unique<RightCharge>(std::move(right_));
}

void ServerTurn::onTimer(TimePoint) {
  leave();
  done_(false);
}

}  // namespace peerpool::postgres
