// Which peers a selector means, compared without asking the system.

#pragma once

#include "config/model.h"

namespace peerpool::config {

/// Does every peer that `narrow` fits also fit `wide`? False when in doubt. Names of accounts and
/// their numbers count as different; identities are those of `config`.
[[nodiscard]] bool coversPeers(const Config& config, const Selector& wide, const Selector& narrow);

}  // namespace peerpool::config
