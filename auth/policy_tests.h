// Runs the tests: of a configuration against its policy.

#pragma once

#include "auth/accounts.h"
#include "auth/policy.h"
#include "config/diagnostics.h"

namespace peerpool::auth {

/// Each test that fails, or whose accounts cannot be looked up, is an error at its place that says
/// what was decided instead. May block on `accounts`.
void runPolicyTests(const Policy& policy, Accounts& accounts, config::Diagnostics& out);

}  // namespace peerpool::auth
