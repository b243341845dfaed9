// A client that has been let in and belongs to one pool: what the worker that owns the pool gets.

#pragma once

#include <string>

#include "auth/admitted.h"
#include "proxy/pool/pool_key.h"
#include "proxy/postgres/parameters.h"

namespace peerpool::postgres {

/// A value: nothing in it belongs to a thread.
struct LoggedIn {
  auth::Admitted admitted;              ///< With the descriptor.
  auth::Decision decision;              ///< Allow, with the rule that grants.
  auth::PlaceCounts::Place rule_place;  ///< Among the clients of that rule.
  pool::PoolKey key;
  WantedParameters wanted;
  std::string fingerprint;  ///< Of `wanted` as the client wrote it.
  std::string database;     ///< As asked for.
  std::string role;         ///< As asked for.
  std::string greeting;     ///< To be sent first: NegotiateProtocolVersion or nothing.
  std::string leftover;     ///< Bytes that came behind the startup packet.
};

}  // namespace peerpool::postgres
