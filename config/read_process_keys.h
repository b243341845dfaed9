// Reads the keys of a matcher that ask for the peer's process.

#pragma once

#include "config/map_reader.h"
#include "config/peers.h"

namespace peerpool::config {

/// Asks `map` for each of them; sets what is there and good.
void readProcessKeys(MapReader& map, ProcessMatcher& process);

}  // namespace peerpool::config
