// What differs between two configurations: what a reload cannot change, and what makes server
// connections useless.

#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace peerpool::config {

/// Puts the settings of `running` that need a restart into `wanted`, so that what is in force is
/// what the configuration says. Returns a line for each that differed, as "process.workers: 2 runs,
/// 4 needs a restart".
[[nodiscard]] std::vector<std::string> keepUntilRestart(const Config& running, Config& wanted);

/// Is a server of `before` one of `after`: at the same place, the same process expected there,
/// logged in in the same way?
[[nodiscard]] bool sameServers(const Backend& before, const Backend& after);

}  // namespace peerpool::config
