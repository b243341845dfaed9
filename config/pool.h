// How servers are shared.

#pragma once

#include <cstddef>
#include <cstdint>

#include "config/limits.h"

namespace peerpool::config {

enum class PoolMode : std::uint8_t { Session, Transaction, Statement };

/// What becomes of a client that changes session state where servers are shared.
enum class SessionState : std::uint8_t {
  Pin,     ///< It keeps its server until it leaves.
  Reset,   ///< Nothing; the state is gone when somebody else used the server.
  Refuse,  ///< Its session ends.
};

/// Who may share servers, of those who reach one database as one role.
enum class Isolate : std::uint8_t { None, Rule, Identity, Uid };

/// pools: and the pool: of a rule. Both complete here: a rule's is filled from the defaults.
struct Pool {
  PoolMode mode = PoolMode::Transaction;
  std::size_t size = 20;
  std::size_t min_size = 0;
  Duration wait_timeout{30'000};
  Duration wait_notice{5'000};  ///< After which a waiting client is told so; 0: never.
  Duration idle_timeout{600'000};
  Duration lifetime{3'600'000};
  SessionState session_state = SessionState::Pin;
  Isolate isolate = Isolate::None;
  friend bool operator==(const Pool&, const Pool&) = default;
};

}  // namespace peerpool::config
