// What differs between two configurations apart from their rules: listeners, backends, the mode.

#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace peerpool::server {

/// "listener pg: mode: 0660 instead of 0666", "listener pg: new"; in the order of the files.
[[nodiscard]] std::vector<std::string> settingsDifference(const config::Config& before,
                                                          const config::Config& after);

}  // namespace peerpool::server
