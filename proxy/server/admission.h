// The front door: who is it, may they try, and which worker gets them. Blocks nowhere and reads no
// byte of a client.

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "auth/admitted.h"
#include "auth/peer.h"
#include "auth/process_reader.h"
#include "proxy/base/audit.h"
#include "proxy/base/limit_hits.h"
#include "proxy/base/log.h"
#include "proxy/base/storm_gate.h"
#include "proxy/event/event_loop.h"
#include "proxy/server/attestor.h"
#include "proxy/server/place_claims.h"
#include "proxy/server/place_keeper.h"
#include "proxy/server/user_names.h"

namespace peerpool::server {

/// Lives on the main thread's loop.
class Admission {
 public:
  struct Parts {
    event::EventLoop& loop;
    Log& log;
    Audit& audit;
    LimitHits& limit_hits;
    StormGate& storms;  ///< For lines and audit events about clients that are turned away.
    ClientCounts& counts;
    PlaceKeeper::Settings places;
    PlaceClaims::Workers workers;
    std::shared_ptr<const auth::Snapshot> snapshot;
    UserNames::Lookup lookup;  ///< Ends in onNameResolved().
    std::function<void(auth::Admitted)> hand_over;
    /// Told of each client that was closed without a word because its uid comes so fast.
    std::function<void(const auth::Identity&, const config::Listener&)> on_flood;
    auth::OverflowIds overflow;
    /// See Attestor::ask(); none: what a peer runs is never known.
    std::function<void(uid_t uid, UniqueFd process, bool sha256, Attestor::Done done)> attest = {};
  };
  Admission(Parts parts, const UserNames::Limits& limits);
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// A client came through `listener`, which belongs to the snapshot's config. It is handed over
  /// now, or when its program and its account's name are known and a place is free; one that is
  /// turned away too, since it is a worker that tells it so, unless too many of those are there
  /// already.
  void onAccepted(UniqueFd fd, const config::Listener& listener);

  /// After a reload: who comes from now on is judged by `snapshot`, and let in up to `places`.
  void adopt(std::shared_ptr<const auth::Snapshot> snapshot, PlaceKeeper::Settings places) {
    parts_.snapshot = std::move(snapshot);
    parts_.places = places;
    keeper_.adopt(std::move(places));
  }

  /// See UserNames::onResolved().
  void onNameResolved(uid_t uid, std::optional<std::string> name);

  /// Clients between accept and their end, wherever they live.
  [[nodiscard]] std::size_t liveClients() const noexcept {
    return live_->load(std::memory_order_relaxed);
  }

 private:
  class Patience;
  [[nodiscard]] UniqueFd identify(auth::Admitted& admitted);
  void attest(auth::Admitted admitted, UniqueFd process, bool sha256);
  void decide(auth::Admitted admitted);
  void findPlace(auth::Admitted admitted, std::size_t claims);
  void claimPlace(auth::Admitted admitted, std::size_t claims);
  void refuse(auth::Admitted admitted, auth::LimitReached limit);
  void turnAway(auth::Admitted admitted);
  void findName(auth::Admitted admitted);
  void conclude(auth::Admitted admitted);
  void logRefusal(const auth::Admitted& admitted) const;
  void logDropped(const config::Listener& listener) const;
  void audit(auth::Admitted& admitted) const;
  [[nodiscard]] bool audits(const auth::Admitted& admitted, std::string_view event,
                            std::string_view kind, std::string_view subject) const;

  Parts parts_;
  PlaceKeeper keeper_;
  PlaceClaims claims_;
  UserNames names_;
  auth::ProcessReader processes_;
  IdSource<ClientId> ids_;
  std::shared_ptr<std::atomic<std::size_t>> live_;
  std::unique_ptr<Patience> patience_;
};

/// 12 random hexadecimal digits, by which a client's message finds its line in the log.
[[nodiscard]] std::string makeReference();

}  // namespace peerpool::server
