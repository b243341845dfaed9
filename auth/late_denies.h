// Accounts that a deny names although an allow before it lets them in, by a group or a range of
// theirs. Which accounts are in a group is not in the text, so config cannot see it.

#pragma once

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// A warning at the deny for each account and listener on which it changes nothing: the allow takes
/// all that it would deny, or no allow behind it is for that account. A deny with a `reason:` is
/// there for its words, so only the first counts for it. A warning, because members come and go and
/// must not keep a service from starting. May block on `accounts`.
void checkLateDenies(const config::Config& config, Accounts& accounts, const FileFacts& files,
                     config::Diagnostics& out);

}  // namespace peerpool::auth
