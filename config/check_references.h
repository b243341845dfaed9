// Names: each is given once, each that is used exists, and each that exists is used.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

void checkDuplicates(const Validation& validation);
void checkReferences(const Validation& validation);
/// Warnings only, and none while there are errors: what is wrong may be what uses a name.
void checkUnused(const Validation& validation);

}  // namespace peerpool::config
