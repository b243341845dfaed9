// What a frontend needs around it, without threads: a configuration, a silent log, no neighbours.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "auth/admitted.h"
#include "proxy/postgres/frontend.h"
#include "proxy/postgres/key_deriver.h"

namespace peerpool::simulation {

class SilentLog final : public Log {
 public:
  bool wants(LogLevel) const noexcept override { return false; }
  void write(LogEvent) noexcept override {}
};

/// One worker is all there is.
class NoNeighbours final : public postgres::Neighbours {
 public:
  void moveClient(std::size_t, postgres::LoggedIn) override {}
  void askForPlace(const std::string&) override {}
  void offerPlace(const std::string&) override {}
};

class NoKeys final : public postgres::KeyDeriver {
 public:
  void derive(const std::string&, const auth::ScramChallenge&,
              std::function<void(Result<auth::ScramKeys>)>) override {}
};

/// Outlives the frontend.
class Surroundings {
 public:
  [[nodiscard]] postgres::Frontend::Services services(event::EventLoop& loop,
                                                      postgres::PoolDirectory& directory) noexcept {
    return {loop, log_, limit_hits_, keys_, directory, neighbours_, 0};
  }

 private:
  SilentLog log_;
  LimitHits limit_hits_;
  NoNeighbours neighbours_;
  NoKeys keys_;
};

/// Two databases on one backend whose places do not suffice for both.
struct Shape {
  config::PoolMode mode = config::PoolMode::Transaction;
  std::size_t size_one = 2;
  std::size_t size_two = 2;
  std::size_t min_size = 0;
  std::size_t places = 3;
  bool limits = false;  ///< All limits of time of a rule are set, and short.
};

/// Times are short: 2 s to connect, 3 s to wait for a server, 20 s idle, 60 s of life, 5 s to log
/// in.
[[nodiscard]] std::shared_ptr<const auth::Snapshot> makeSnapshot(const std::string& backend_path,
                                                                 const Shape& shape);

/// What the front door would make of a connection.
[[nodiscard]] auth::Admitted admit(std::uint64_t id, UniqueFd fd,
                                   const std::shared_ptr<const auth::Snapshot>& snapshot,
                                   const std::shared_ptr<std::atomic<std::size_t>>& live,
                                   TimePoint now);

}  // namespace peerpool::simulation
