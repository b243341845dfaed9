// Takes over the server of a client that left, in whatever state it is, and brings it to rest for
// the next one. What can't be brought to rest in time is closed: never reused dirty.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/event/event_loop.h"
#include "proxy/pool/lease.h"
#include "proxy/postgres/server_session.h"

namespace peerpool::postgres {

class ServerRecovery;

/// Who owns recoveries; destroys one at the end of the turn in which it is over.
class RecoveryOwner {
 public:
  virtual void remove(ServerRecovery& recovery) = 0;
  /// The server is closed instead of being used again.
  virtual void onGivenUp(const ServerSession& server, std::string_view reason) = 0;

 protected:
  ~RecoveryOwner() = default;
};

///   state       | entered when                       | left when
///   ------------+------------------------------------+--------------------------------------------
///   Preparing   | the client left while its server   | prepared -> Discarding
///               | was made ready for it              |
///   Draining    | it left a linked server: cancel,   | nothing is owed, no cancel is under way:
///               | CopyFail, Sync; the answers are    | status I -> Discarding, else RollingBack
///               | thrown away                        |
///   RollingBack | ROLLBACK was sent                  | status I -> Discarding; else once more
///   Discarding  | DISCARD ALL was sent, so that no   | answered: given back -> Over
///               | lock, LISTEN or table outlives the |
///               | client                             |
///   Over        |                                    | dies at the end of the turn
///
/// In every state: lost, out of step, or not done by the deadline -> closed, Over.
class ServerRecovery final : public event::Deletable, private ServerUser, private event::Timer {
 public:
  enum class State : std::uint8_t { Preparing, Draining, RollingBack, Discarding, Over };

  /// From the client's end to the server's rest or end: so that a server that is opened instead is
  /// there within 2 s.
  static constexpr Duration kDeadline{1500};

  /// The client has sent no message in part to the server of `lease`.
  ServerRecovery(event::EventLoop& loop, RecoveryOwner& owner, pool::Lease lease);

  /// May end at once: then the owner is told from inside.
  void start();

 private:
  std::size_t onServerBytes(ByteView bytes) override;
  void onPrepared(const std::optional<Error>& error, bool usable) override;
  void onServerLost(const Error& error) override;
  void onServerDrained() override {}
  void onCancelEnded(CancelOutcome outcome) override;
  void onTimer(TimePoint now) override;

  [[nodiscard]] bool take(const ServerScanner::Scan& scan);
  void advance();
  void endRequests();
  void askToCancel();
  void rollBack();
  void discardAll();
  void giveUp(std::string_view reason);
  void over();
  [[nodiscard]] ServerSession& server() noexcept {
    return static_cast<ServerSession&>(lease_.server());
  }

  event::EventLoop& loop_;
  RecoveryOwner& owner_;
  pool::Lease lease_;
  TimePoint deadline_;
  TimePoint next_cancel_;
  Duration cancel_pause_;
  State state_ = State::Preparing;
  std::uint8_t rollbacks_ = 0;  // Sent.
};

}  // namespace peerpool::postgres
