// Pools that several rules reach: one set of settings for each, and together within the backend's
// budget.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

void checkPools(const Validation& validation);

}  // namespace peerpool::config
