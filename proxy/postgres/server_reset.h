// Takes over the server of a client that left, and gives it back clean.

#pragma once

#include <cstddef>
#include <optional>

#include "proxy/event/event_loop.h"
#include "proxy/pool/lease.h"
#include "proxy/postgres/server_session.h"

namespace peerpool::postgres {

class ServerReset;

/// Who owns resets; told when one is over, and then destroys it at the end of the turn.
class ResetOwner {
 public:
  virtual void remove(ServerReset& reset) = 0;

 protected:
  ~ResetOwner() = default;
};

/// Waits for a preparation that is under way, then lets DISCARD ALL follow whatever the client did,
/// so that nothing of it outlives the client (locks, LISTEN, temporary tables).
class ServerReset final : public event::Deletable, private ServerUser {
 public:
  /// The server of `lease` is at rest or being prepared.
  ServerReset(event::EventLoop& loop, ResetOwner& owner, pool::Lease lease);

  /// May end at once: then the owner is told from inside.
  void start();

 private:
  std::size_t onServerBytes(ByteView bytes) override;
  void onPrepared(const std::optional<Error>& error, bool usable) override;
  void onServerLost(const Error& error) override;
  void onServerDrained() override {}
  [[nodiscard]] ServerSession& server() noexcept {
    return static_cast<ServerSession&>(lease_.server());
  }
  void resetNow();

  event::EventLoop& loop_;
  ResetOwner& owner_;
  pool::Lease lease_;
  bool resetting_ = false;
};

}  // namespace peerpool::postgres
