// Everything that a policy grants to somebody on the machine of the examples, as text to read.

#pragma once

#include <memory>
#include <string>

#include "config/model.h"

namespace peerpool::auth::test {

/// One line for each listener, peer and database with a grant: the roles that the peer may ask for
/// ("-": none named) and what it becomes. Peers are all accounts, some of them also in each group
/// that the policy names, ends of uid ranges, a peer without identity; each in no unit, in each
/// named one and in a stranger's; where time decides, at some times. Databases and roles are those
/// that occur, those of others, and some that nobody named.
[[nodiscard]] std::string grantsOf(const std::shared_ptr<const config::Config>& config);

}  // namespace peerpool::auth::test
