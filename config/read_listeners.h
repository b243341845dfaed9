// Through which door: the blocks `listeners:` and `directories:`.

#pragma once

#include <vector>

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

/// Both append; a listener with mistakes too, so that its name counts as known.
void readListeners(const Value& value, std::vector<Listener>& listeners);
void readDirectories(const Value& value, std::vector<Directory>& directories);

}  // namespace peerpool::config
