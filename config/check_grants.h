// What an allow gives: it says to which databases and as which roles, and the backend can be logged
// in to as these.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

void checkGrants(const Validation& validation);

}  // namespace peerpool::config
