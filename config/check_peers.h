// Conditions on peers that contradict each other, or say a thing twice.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

void checkPeers(const Validation& validation);

}  // namespace peerpool::config
