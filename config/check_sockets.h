// Socket files and what stands behind them: no two at one path, no loop, and open to somebody but
// not to everybody by accident.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

void checkSockets(const Validation& validation);

}  // namespace peerpool::config
