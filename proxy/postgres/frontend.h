// One worker's clients of PostgreSQL listeners and its pools: owns them and brings them together.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "auth/admitted.h"
#include "auth/fair_share.h"
#include "proxy/base/audit.h"
#include "proxy/base/limit_hits.h"
#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/pool/pool_map.h"
#include "proxy/postgres/backend_watch.h"
#include "proxy/postgres/cancel_registry.h"
#include "proxy/postgres/client_host.h"
#include "proxy/postgres/client_session.h"
#include "proxy/postgres/client_startup.h"
#include "proxy/postgres/farewell.h"
#include "proxy/postgres/key_deriver.h"
#include "proxy/postgres/policy_clock.h"
#include "proxy/postgres/pool_directory.h"
#include "proxy/postgres/server_cancels.h"
#include "proxy/postgres/server_connector.h"
#include "proxy/postgres/server_recovery.h"
#include "proxy/postgres/session_review.h"

namespace peerpool::postgres {

/// Who wants to cancel which request. A value.
struct Canceller {
  wire::CancelRequest request;
  std::uint32_t uid = 0;
};

/// The other workers, by message: nothing of theirs is touched from here.
class Neighbours {
 public:
  /// Gives a client to the worker that owns its pool; never the calling one.
  virtual void moveClient(std::size_t worker, LoggedIn logged_in) = 0;
  /// Clients here wait for a place of `backend`: Frontend::evictIdle() on the others.
  virtual void askForPlace(const std::string& backend) = 0;
  /// A place of `backend` became free: Frontend::retryStarved() on the others.
  virtual void offerPlace(const std::string& backend) = 0;
  /// Frontend::cancelHere() on all others; then `answer` on the calling one: has any said true?
  /// Never from inside.
  virtual void cancel(const Canceller& canceller, std::function<void(bool)> answer) = 0;

 protected:
  ~Neighbours() = default;
};

/// Made, used and destroyed on its worker's thread.
class Frontend final : private ClientHost,
                       private RecoveryOwner,
                       private pool::PoolMapOwner,
                       private event::Timer {
 public:
  /// All of them outlive the frontend.
  struct Services {
    event::EventLoop& loop;
    Log& log;
    Audit& audit;
    LimitHits& limit_hits;
    SharedLimits& limits;
    KeyDeriver& keys;
    PoolDirectory& directory;
    Neighbours& neighbours;
    std::size_t worker = 0;
    PolicyClock::Wall wall_clock = &std::chrono::system_clock::now;
  };

  explicit Frontend(const Services& services);
  ~Frontend() override;

  /// A connection that the main thread accepted: answers it, a denied one too.
  void admit(auth::Admitted admitted);
  /// A client whose pool is ours.
  void take(LoggedIn logged_in);

  /// For another worker whose clients wait for a place of `backend`.
  void evictIdle(const std::string& backend);
  void retryStarved(const std::string& backend);

  /// Cancels what the session with that key does, if it is one of that uid and lives here. False:
  /// there is none.
  [[nodiscard]] bool cancelHere(const Canceller& canceller);

  /// After a reload: `snapshot` decides from now on, also about those who are here already. They
  /// are asked anew a few in each turn; what becomes of those whom it does not allow is their
  /// rule's on_revoke.
  void adopt(std::shared_ptr<const auth::Snapshot> snapshot);

  /// Ends clients with 57P01 at their next sync point, all at `deadline`, and lets nobody in.
  void drain(TimePoint deadline);

  /// The client here that can go first to make room (fair_share.h); none: all are busy.
  [[nodiscard]] std::optional<auth::PlaceCandidate> findPlace(const auth::PlaceQuery& query) const;
  /// Ends that client, because of `limit`, if it can still go. Returns its places, else none.
  [[nodiscard]] auth::ClientPlaces takePlace(ClientId client, const auth::LimitReached& limit);

  /// Says 57P01 to all clients and ends them, and Terminate to all servers.
  void shutDown();
  /// After shutDown(): is everybody gone?
  [[nodiscard]] bool settled();

  /// For status; in no order. Servers: of all states.
  void forEachServer(
      const std::function<void(const pool::PoolKey&, const ServerSession&)>& visit) const;
  void forEachStartup(const std::function<void(const ClientStartup&)>& visit) const;
  void forEachSession(const std::function<void(const ClientSession&)>& visit) const;
  void forEachPool(
      const std::function<void(const pool::PoolKey&, const pool::Pool&)>& visit) const {
    pools_.forEach(visit);
  }

 private:
  event::EventLoop& loop() noexcept override { return services_.loop; }
  Log& log() noexcept override { return services_.log; }
  Audit& audit() noexcept override { return services_.audit; }
  LimitHits& limitHits() noexcept override { return services_.limit_hits; }
  [[nodiscard]] bool draining() const noexcept override { return drain_until_.has_value(); }
  [[nodiscard]] config::Instant wallTime() const override { return services_.wall_clock(); }
  SharedLimits& limits() noexcept override { return services_.limits; }
  StatementTable& statements() noexcept override { return statements_; }
  CancelKey addCancelKey(ClientId client, std::size_t length) override {
    return cancel_keys_.add(client, length);
  }
  void removeCancelKey(std::uint32_t pid) noexcept override { cancel_keys_.remove(pid); }
  void cancel(ClientStartup& from, const wire::CancelRequest& request) override;
  void remove(ClientStartup& startup) override;
  void remove(ClientSession& session) override;
  void remove(ServerRecovery& recovery) override;
  void onGivenUp(const ServerSession& server, std::string_view reason) override;
  void route(LoggedIn logged_in) override;
  void recover(pool::Lease lease) override;
  Parts makeParts(const pool::PoolKey& key) override;
  void onDue(TimePoint due) override;
  void onStarved(const std::string& backend) override;
  void onPlaceFreed(const std::string& backend) override;
  void onBackendFails(const std::string& backend, const Error& cause) override;
  void onBackendAnswers(const std::string& backend, Duration outage) override;
  void onAwaited(const std::string& backend, bool awaited) override;
  void onTimer(TimePoint now) override;
  void closeIdle();
  const std::shared_ptr<const auth::Snapshot>& newest(
      const std::shared_ptr<const auth::Snapshot>& brought);
  void reconfigurePool(ClientSession& session);
  [[nodiscard]] auth::Decision decideAnew(const LoggedIn& client) const;
  void reviewAll(SessionReview& review);
  void reviewSession(ClientId id, bool because_of_time);
  [[nodiscard]] bool renew(LoggedIn& logged_in) const;
  void turnAway(LoggedIn logged_in, const std::string& fatal, const std::string& reason);
  void endCancel(const ClientStartup* from, ClientId client, bool found);
  void dropped(const std::system_error& failure);

  Services services_;
  std::shared_ptr<const auth::Snapshot> snapshot_;  // In force; null before the first client.
  ServerCancels cancels_;
  CancelRegistry cancel_keys_;
  CancelGuesses cancel_guesses_;
  StatementTable statements_;
  pool::PoolMap pools_;
  SessionReview review_;       // After a reload.
  SessionReview time_review_;  // When the policy has changed by itself.
  PolicyClock policy_clock_;
  BackendWatch watch_;
  std::unordered_map<const ClientStartup*, std::unique_ptr<ClientStartup>> startups_;
  std::unordered_map<ClientId, std::unique_ptr<ClientSession>> sessions_;
  std::unordered_map<ServerRecovery*, std::unique_ptr<ServerRecovery>> recoveries_;
  std::unordered_map<const Farewell*, std::unique_ptr<Farewell>> farewells_;
  std::optional<TimePoint> drain_until_;  // Since drain().
  bool shutting_down_ = false;
};

}  // namespace peerpool::postgres
