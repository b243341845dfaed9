// How many servers the clients of one uid hold by one rule, over all pools and workers, and who
// waits for one of them to be given back (servers_per_uid).

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "proxy/base/clock.h"
#include "proxy/event/event_loop.h"
#include "proxy/pool/lease.h"

namespace peerpool::postgres {

/// One uid's share by one rule. Any thread; asked once for each lease of clients whose rule has the
/// limit, and only those of the same uid and rule meet here.
class ServerShare : public std::enable_shared_from_this<ServerShare> {
 public:
  /// The right to hold one server; given to the next who waits when destroyed. Any thread.
  class Right {
   public:
    Right() noexcept = default;
    explicit Right(std::shared_ptr<ServerShare> share) noexcept : share_(std::move(share)) {}
    Right(Right&& other) noexcept = default;
    Right& operator=(Right&& other) noexcept {
      std::swap(share_, other.share_);
      other.reset();
      return *this;
    }
    ~Right() { reset(); }
    Right(const Right&) = delete;
    Right& operator=(const Right&) = delete;
    explicit operator bool() const noexcept { return share_ != nullptr; }
    void reset() noexcept {
      if (const auto share = std::exchange(share_, nullptr)) {
        share->giveBack();
      }
    }

   private:
    std::shared_ptr<ServerShare> share_;
  };

  /// One that waits. `wake` is called on `loop`'s thread, and not after it was cleared there.
  struct Waiting {
    event::EventLoop& loop;
    std::size_t limit;
    TimePoint deadline;
    std::function<void(Right)> wake;
  };

  /// A right if fewer than the limit are held and nobody is before it; else `waiting` is queued, to
  /// be woken with a right in a later turn. The earliest deadline goes first: all of a rule wait
  /// equally long, so that is who came first, and a reload that has it queue anew changes nothing.
  [[nodiscard]] Right takeOrWait(const std::shared_ptr<Waiting>& waiting);
  /// A right beyond the limit, if need be: of a server that is held already.
  [[nodiscard]] Right takeAnyway();
  /// Out of the queue. It may have been woken already: then `wake`, if it is not cleared, still
  /// comes.
  void leave(const std::shared_ptr<Waiting>& waiting);

  /// Would takeOrWait() give one? Only a hint: others may be faster.
  [[nodiscard]] bool hasRoom(std::size_t limit) const;

 private:
  using Queue = std::deque<std::shared_ptr<Waiting>>;
  void giveBack() noexcept;
  [[nodiscard]] Queue takeServed();
  void wake(const Queue& served);

  mutable std::mutex mutex_;
  std::size_t held_ = 0;  // By mutex_.
  Queue queue_;           // By mutex_; earliest deadline first.
};

/// All shares that somebody looks at. Any thread; outlives its users.
class ServerShares {
 public:
  ServerShares() = default;
  ServerShares(const ServerShares&) = delete;
  ServerShares& operator=(const ServerShares&) = delete;

  /// The share of `uid` by the rule of this name; forgotten when nobody has it any more.
  [[nodiscard]] std::shared_ptr<ServerShare> find(const std::string& rule, uid_t uid);
  [[nodiscard]] std::size_t size() const;

 private:
  using Key = std::pair<std::string, uid_t>;
  void forget(const Key& key);
  mutable std::mutex mutex_;
  std::map<Key, std::weak_ptr<ServerShare>> shares_;  // By mutex_.
};

/// One client's way to a right: takes it or waits, at most until a deadline. Lives on the client's
/// worker, and its calls come from there.
class ServerTurn final : private event::Timer {
 public:
  /// `granted` false: the deadline passed. Comes in a later turn, and the turn is over then.
  using Done = std::function<void(bool granted)>;

  ServerTurn(event::EventLoop& loop, std::shared_ptr<ServerShare> share, Done done);
  ~ServerTurn() override;

  /// True: it has the right, now or since an earlier call. False: it waits for it.
  [[nodiscard]] bool take(std::size_t limit, TimePoint deadline);
  /// Has the right from now on, of a server that is held or waited for already.
  void takeAnyway();
  [[nodiscard]] bool hasRoom(std::size_t limit) const { return right_ || share_->hasRoom(limit); }
  /// Until when it waits for a right, if it does.
  [[nodiscard]] std::optional<TimePoint> waitsUntil() const;
  /// Gives up the right, or the place in the queue.
  void leave();
  /// The right as the charge of a lease.
  [[nodiscard]] std::unique_ptr<pool::LeaseCharge> makeCharge();

 private:
  void onTimer(TimePoint now) override;

  event::EventLoop& loop_;
  std::shared_ptr<ServerShare> share_;
  Done done_;
  ServerShare::Right right_;
  std::shared_ptr<ServerShare::Waiting> waiting_;
};

}  // namespace peerpool::postgres
