// A worker whose backend goes away and comes back, in manual time.

#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "tests/proxy/pool/fake_worker.h"

namespace peerpool::pool {

inline const Error kHung{ErrorCode::Unreachable, "login took too long", {}, ETIMEDOUT};

/// One worker in front of one backend, whose logins all end the same way.
class Outage {
 public:
  ~Outage() { clients_.clear(); }

  /// From now on logins fail with `error`, or succeed. Those that hang do so for 5 s.
  void become(const std::optional<Error>& error) {
    error_ = error;
    answerAll();
  }
  /// Only logins of `database` hang.
  void hangOnly(const std::string& database) { hanging_ = database; }

  /// A client asks for a server of `database` and keeps what it gets.
  struct Client {
    explicit Client(TimePoint at) : asked_at(at) {
      waiter.on_failure = [this] { told = true; };
    }
    FakeWaiter waiter;
    TimePoint asked_at;
    std::optional<Duration> waited;  ///< Until it was told or served.
    bool told = false;
    [[nodiscard]] bool served() const { return waiter.lease.has_value(); }
    [[nodiscard]] std::string cause() const { return told ? waiter.error->text : ""; }
  };
  Client& ask(const std::string& database = "shop") {
    Client& client = clients_.emplace_back(now_);
    client.waiter.ask(pool(database), now_);
    answerAll();
    return client;
  }
  /// Time passes; all that is due is done when it is due.
  void pass(Duration duration) {
    const TimePoint until = now_ + duration;
    while (true) {
      answerAll();
      TimePoint next = std::min(until, worker.earliest);
      for (const auto& [database, started] : hung_) {
        next = std::min(next, started + seconds(5));
      }
      const bool last = next >= until && worker.earliest > until;
      now_ = std::max(next, now_);
      endHung();
      if (worker.earliest <= now_) {
        worker.earliest = kNever;
        worker.earliest = std::min(worker.earliest, worker.map.maintain(now_));
        REQUIRE(worker.earliest > now_);
      }
      answerAll();
      if (last) {
        return;
      }
    }
  }
  Pool& pool(const std::string& database) {
    PoolKey key{.backend = "main",
                .database = database,
                .login_role = "role",
                .settings = settings,
                .startup_parameters = {}};
    return worker.map.find(key, now_);
  }
  /// Since the last call.
  std::size_t attempts() { return std::exchange(attempts_, 0); }
  [[nodiscard]] TimePoint now() const { return now_; }

  config::Pool settings = settingsOf(3);
  Budget budget{1000};
  FakeWorker worker{budget};

 private:
  void answerAll() {
    for (bool again = true; again;) {
      again = false;
      for (auto& entry : worker.connectors) {
        const auto& database = entry.first;  // No binding: lambdas take it (clang++ 14).
        auto& connector = entry.second;
        const std::size_t hung = static_cast<std::size_t>(std::count_if(
            hung_.begin(), hung_.end(), [&](const auto& each) { return each.first == database; }));
        const bool hangs = hanging_ == database || (error_ && error_->system_error == ETIMEDOUT);
        if (hangs) {
          for (std::size_t i = hung; i < connector.opening; ++i) {
            hung_.emplace_back(database, now_);
            ++attempts_;
          }
        } else if (connector.opening > 0) {
          attempts_ += connector.opening - hung;
          std::erase_if(hung_, [&](const auto& each) { return each.first == database; });
          while (connector.opening > 0) {
            error_ ? connector.fail(pool(database), *error_, now_)
                   : connector.connect(pool(database), now_);
            again = true;
          }
        }
      }
    }
    noteOutcomes();
  }
  void endHung() {
    while (!hung_.empty() && hung_.front().second + seconds(5) <= now_) {
      const std::string database = hung_.front().first;
      hung_.pop_front();
      worker.connector(database).fail(pool(database), kHung, now_);
    }
  }
  void noteOutcomes() {
    for (Client& client : clients_) {
      if (!client.waited && (client.told || client.served())) {
        client.waited = std::chrono::duration_cast<Duration>(now_ - client.asked_at);
      }
    }
  }

  TimePoint now_ = kStart;
  std::optional<Error> error_;
  std::string hanging_;
  std::deque<std::pair<std::string, TimePoint>> hung_;  // Logins, oldest first.
  std::size_t attempts_ = 0;
  std::deque<Client> clients_;
};

}  // namespace peerpool::pool
