// Rules that are never asked, because the first that matches decides and an earlier one always
// does.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

/// Finds what can be seen from the text: a rule is only called unreachable when it surely is, but a
/// deny counts as shadowed as soon as the peers that it names get to its databases in some role.
void checkShadowing(const Validation& validation);

}  // namespace peerpool::config
