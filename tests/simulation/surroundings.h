// What a frontend needs around it, without threads: a configuration, a silent log, an audit log
// that counts, no neighbours.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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

/// Counts how connections end. A required one that cannot be written for a while, if it is told so.
class CountingAudit final : public Audit {
 public:
  bool record(AuditEvent event) noexcept override {
    if (full_ && event.action == AuditAction::LoginAllowed) {
      return false;
    }
    const bool ends =
        event.action == AuditAction::LoginDenied || event.action == AuditAction::SessionEnded;
    ends_ += ends ? 1U : 0U;
    return true;
  }
  void setFull(bool full) noexcept { full_ = full; }
  [[nodiscard]] bool full() const noexcept { return full_; }
  /// Each admitted client has one.
  [[nodiscard]] std::size_t ends() const noexcept { return ends_; }

 private:
  std::size_t ends_ = 0;
  bool full_ = false;
};

/// One worker is all there is.
class NoNeighbours final : public postgres::Neighbours {
 public:
  void cancel(const postgres::Canceller&, std::function<void(bool)>) override {}
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
  [[nodiscard]] CountingAudit& audit() noexcept { return audit_; }
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
  bool limits = false;                         ///< All limits of time of a rule are set, and short.
  std::optional<std::size_t> clients;          ///< Of each rule.
  std::optional<std::size_t> servers_per_uid;  ///< The same.
  bool allow_two = true;                       ///< Is there a rule for database "two"?
  config::OnRevoke on_revoke = config::OnRevoke::Close;
  std::size_t secret = 0;  ///< Another one means that servers opened so far are not used again.
  std::uint64_t generation = 1;
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
