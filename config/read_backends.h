// Where to: the block `backends:`.

#pragma once

#include <vector>

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

/// Appends; a backend with mistakes too, so that its name counts as known.
void readBackends(const Value& value, std::vector<Backend>& backends);

}  // namespace peerpool::config
