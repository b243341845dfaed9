// Newcomers to whom a place is due: asks the workers, one after the other, for a client that can
// go, has it ended, and lets the newcomer go on. The front door does not wait meanwhile.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "auth/admitted.h"
#include "auth/fair_share.h"
#include "auth/limit_reached.h"
#include "proxy/event/event_loop.h"

namespace peerpool::server {

/// Lives on the main thread's loop. One claim is served at a time: the next one sees what it
/// changed.
class PlaceClaims {
 public:
  /// How a worker is asked. It answers on any thread, or never.
  struct Workers {
    std::size_t count = 0;
    std::function<void(std::size_t worker, const auth::PlaceQuery& query,
                       std::function<void(std::optional<auth::PlaceCandidate>)> answer)>
        find;
    /// Ends the client and answers with its places; with none if it cannot go any more.
    std::function<void(std::size_t worker, ClientId client, const auth::LimitReached& limit,
                       std::function<void(auth::ClientPlaces)> answer)>
        take;
  };
  struct Due {
    auth::PlaceQuery query;
    auth::LimitReached limit;
  };
  struct Claim {
    uid_t newcomer = 0;
    /// Asked when it is the claim's turn; no value: nothing is due (any more).
    std::function<std::optional<Due>()> due;
    /// The end of the claim, once; `freed`: a place was given back just now, in this very turn.
    std::function<void(bool freed)> done;
  };
  struct Limits {
    std::size_t claims = 32;  ///< That wait, without the one that is served.
    std::size_t per_newcomer = 4;
    Duration patience{1'000};  ///< For one claim.
    /// A query that found nobody is not asked again before this: looking at all clients has a cost.
    Duration barren{50};
  };

  PlaceClaims(event::EventLoop& loop, Workers workers, const Limits& limits);
  ~PlaceClaims();
  PlaceClaims(const PlaceClaims&) = delete;
  PlaceClaims& operator=(const PlaceClaims&) = delete;

  /// Is there room for another claim of this uid?
  [[nodiscard]] bool accepts(uid_t newcomer) const noexcept;
  /// Only what is accepted. May call `claim.done` at once.
  void add(Claim claim);

 private:
  class Deadline;
  void serve();
  [[nodiscard]] bool start();
  void ask();
  void onFound(std::uint64_t round, const std::optional<auth::PlaceCandidate>& candidate);
  void takeBest();
  void onTaken(std::uint64_t round, auth::ClientPlaces places);
  void finish(bool freed);

  event::EventLoop& loop_;
  Workers workers_;
  Limits limits_;
  std::unique_ptr<Deadline> deadline_;
  std::deque<Claim> waiting_;
  bool serving_ = false;  // serve() is on the stack.

  // Of the claim that is served:
  std::optional<Claim> served_;
  Due due_;
  std::uint64_t round_ = 0;  // Answers to an earlier question come too late.
  std::size_t worker_ = 0;   // That is being asked.
  std::size_t attempts_ = 0;
  std::optional<auth::PlaceCandidate> best_;
  std::size_t best_worker_ = 0;

  auth::PlaceQuery barren_query_;
  TimePoint barren_until_ = TimePoint::min();
};

}  // namespace peerpool::server
