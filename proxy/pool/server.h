// One server connection as its pool sees it: how old, how long idle, who used it last.

#pragma once

#include <cstdint>

#include "proxy/base/clock.h"
#include "proxy/base/ids.h"
#include "proxy/base/intrusive_list.h"

namespace peerpool::pool {

enum class ServerState : std::uint8_t {
  Idle,     ///< Owned by the pool.
  Active,   ///< Owned by a lease; also while the session resets it.
  Closing,  ///< Given to the Connector; keeps its place until Pool::onClosed().
};

/// Base of the protocols' server connections. Owned by the pool, then by a lease, then by the
/// connector; all on one thread. Linked into the list that Pool::servers() shows until it is
/// destroyed.
class Server : public ListNode {
 public:
  /// `opened_at`: when its login ended.
  Server(ServerId id, TimePoint opened_at) noexcept : id_(id), opened_at_(opened_at) {}
  virtual ~Server() = default;

  [[nodiscard]] ServerId id() const noexcept { return id_; }
  [[nodiscard]] TimePoint openedAt() const noexcept { return opened_at_; }
  [[nodiscard]] ServerState state() const noexcept { return state_; }
  /// When it last became idle or active.
  [[nodiscard]] TimePoint stateSince() const noexcept { return state_since_; }

  /// Who used it last; none for a fresh one. The session compares it with its own client to know
  /// whether the server must be reset before its first use, then sets it.
  [[nodiscard]] ClientId lastClient() const noexcept { return last_client_; }
  void setLastClient(ClientId client) noexcept { last_client_ = client; }

  /// Has it reached the age at which it is replaced? A `lifetime` of 0 is reached at once.
  [[nodiscard]] bool expired(Duration lifetime, TimePoint now) const noexcept {
    return now - opened_at_ >= lifetime;
  }

 private:
  friend class Pool;
  void setState(ServerState state, TimePoint now) noexcept {
    state_ = state;
    state_since_ = now;
  }

  ServerId id_;
  TimePoint opened_at_;
  TimePoint state_since_ = opened_at_;
  ClientId last_client_;
  ServerState state_ = ServerState::Idle;
};

}  // namespace peerpool::pool
