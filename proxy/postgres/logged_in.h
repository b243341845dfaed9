// A client that has been let in and belongs to one pool: what the worker that owns the pool gets.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "auth/admitted.h"
#include "proxy/pool/pool_key.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {

/// What is needed until the session has begun, and not remembered after that.
struct Arrival {
  pool::PoolKey key;
  std::string fingerprint;  ///< Of the wanted parameters as the client wrote them.
  std::uint32_t protocol = wire::kProtocol30;  ///< What it speaks.
  std::string greeting;  ///< To be sent first: NegotiateProtocolVersion or nothing.
  std::string leftover;  ///< Bytes that came behind the startup packet.
};

/// A value: nothing in it belongs to a thread. Its size is most of what an idle client costs.
struct LoggedIn {
  auth::Admitted admitted;                   ///< With the descriptor.
  const config::PolicyRule* rule = nullptr;  ///< That let it in; of the snapshot's config.
  auth::PlaceCounts::Place rule_place;       ///< Among the clients of that rule.
  WantedParameters wanted;
  std::string database;  ///< As asked for.
  std::string role;      ///< As asked for.
  std::unique_ptr<Arrival> arrival;
};

}  // namespace peerpool::postgres
