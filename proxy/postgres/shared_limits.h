// What the sessions of all workers share to keep limits: none of it is touched for a byte of a
// client.

#pragma once

#include "auth/place_counts.h"
#include "proxy/base/storm_gate.h"
#include "proxy/postgres/server_shares.h"

namespace peerpool::postgres {

/// Any thread; outlives all workers.
struct SharedLimits {
  StormGate storms;         ///< For lines about clients that are turned away.
  auth::PlaceCounts rules;  ///< Clients logged in, by name of their rule.
  ServerShares servers;     ///< Servers that they hold, where servers_per_uid is set.
};

}  // namespace peerpool::postgres
