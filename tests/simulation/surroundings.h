// What a frontend needs around it, without threads: a configuration, a silent log, an audit log
// that counts, no neighbours.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "auth/admitted.h"
#include "proxy/base/audit.h"
#include "proxy/postgres/frontend.h"
#include "proxy/postgres/key_deriver.h"
#include "proxy/postgres/shared_limits.h"

namespace peerpool::simulation {

class SilentLog final : public Log {
 public:
  bool wants(LogLevel) const noexcept override { return false; }
  void write(LogEvent) noexcept override {}
};

/// Everybody may be let in; who was must also be seen to end.
class CountingAudit final : public Audit {
 public:
  bool record(AuditEvent event) noexcept override {
    allowed_ += event.action == AuditAction::LoginAllowed ? 1U : 0U;
    denied_ += event.action == AuditAction::LoginDenied ? 1U : 0U;
    ended_ += event.action == AuditAction::SessionEnded ? 1U : 0U;
    return true;
  }
  [[nodiscard]] std::size_t allowed() const noexcept { return allowed_; }
  [[nodiscard]] std::size_t denied() const noexcept { return denied_; }
  [[nodiscard]] std::size_t ended() const noexcept { return ended_; }

 private:
  std::size_t allowed_ = 0;
  std::size_t denied_ = 0;
  std::size_t ended_ = 0;
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
    return {loop, log_, audit_, limit_hits_, limits_, keys_, directory, neighbours_, 0};
  }
  [[nodiscard]] const CountingAudit& audit() const noexcept { return audit_; }
  [[nodiscard]] postgres::SharedLimits& limits() noexcept { return limits_; }

 private:
  SilentLog log_;
  CountingAudit audit_;
  LimitHits limit_hits_;
  postgres::SharedLimits limits_;
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
