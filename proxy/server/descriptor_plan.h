// How many clients the process has descriptors for.

#pragma once

#include <cstddef>
#include <string>

#include "config/model.h"

namespace peerpool::server {

/// Descriptors by their use; `clients` of them may be let in.
struct DescriptorPlan {
  std::size_t limit = 0;    ///< RLIMIT_NOFILE.
  std::size_t servers = 0;  ///< max_connections of all backends.
  std::size_t own = 0;      ///< Files, sockets and loops of ours.
  std::size_t clients = 0;  ///< process.max_clients, or fewer when there are too few descriptors.
  /// "process.max_clients: 10000", and why it is lower if it is.
  std::string setting;
};

/// Beside the clients that are let in: those that are still to be told that they are not.
[[nodiscard]] std::size_t mostTurnedAway(std::size_t max_clients) noexcept;
/// Of those, connections of one uid.
[[nodiscard]] std::size_t mostTurnedAwayPerUid(std::size_t max_clients) noexcept;

/// `clients`, with those that are turned away, fits beside the others below `limit`; at least 1.
[[nodiscard]] DescriptorPlan planDescriptors(const config::Config& config, std::size_t workers,
                                             std::size_t limit);

/// Raises RLIMIT_NOFILE to the hard limit, if that can be done. Returns what it is now.
[[nodiscard]] std::size_t raiseDescriptorLimit();

}  // namespace peerpool::server
