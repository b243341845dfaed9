// Rules between fields, which reading one key cannot see. Asks neither the accounts nor the file
// system: that is for auth.

#pragma once

#include "config/diagnostics.h"
#include "config/model.h"
#include "config/places.h"

namespace peerpool::config {

/// Reports everything that is wrong or strange. What has errors from reading is not judged again.
void validate(const Config& config, const Places& places, Diagnostics& out);

}  // namespace peerpool::config
