// Rules that file permissions contradict: who may come in by a rule must also be able to connect to
// the socket. Only what is certain is an error; what may be meant so is a warning.

#pragma once

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "auth/identity.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Checks each allow of `config`, of which a Policy was made, against its listeners. Accounts are
/// taken to have the groups that the account database gives them. `service` is who peerpool runs
/// as.
void checkShutOut(const config::Config& config, Accounts& accounts, const FileFacts& files,
                  const Identity& service, config::Diagnostics& out);

}  // namespace peerpool::auth
