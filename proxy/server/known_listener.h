// The listener that a command line names.

#pragma once

#include <iosfwd>
#include <string>

#include "config/model.h"

namespace peerpool::server {

/// False when there is none of that name: `err` then has that, with a hint, behind "peerpool
/// COMMAND: ".
[[nodiscard]] bool isKnownListener(const config::Config& config, const std::string& name,
                                   const std::string& command, std::ostream& err);

}  // namespace peerpool::server
