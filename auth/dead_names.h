// Accounts that an allow names although it can never let them in, whatever they ask: never: denies
// them, or their name cannot become the role.

#pragma once

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Each is an error at the rule. Names that cannot be resolved are left to others. May block on
/// `accounts`.
void checkDeadNames(const config::Config& config, Accounts& accounts, const FileFacts& files,
                    config::Diagnostics& out);

}  // namespace peerpool::auth
