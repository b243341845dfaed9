// Units that a policy names and that systemd does not know here: most are misspelt.

#pragma once

#include "auth/file_facts.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// A warning for each exact name of a service without a unit file; nothing where systemd does not
/// run. Other units (scopes, sessions) come and go, and a pattern names nobody in particular.
void checkUnitFiles(const config::Config& config, const FileFacts& files, config::Diagnostics& out);

}  // namespace peerpool::auth
