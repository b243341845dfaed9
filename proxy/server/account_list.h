// The accounts of this machine, for questions about all of them. Not for deciding.

#pragma once

#include <cstddef>
#include <vector>

#include "auth/accounts.h"

namespace peerpool::server {

/// More of them than anybody reads about.
inline constexpr std::size_t kMostListedAccounts = 2000;

/// The first of getpwent(3). A directory service that lists nobody contributes nobody; whom a
/// policy names is found without this. Not while another thread does the same.
[[nodiscard]] std::vector<auth::Account> listedAccounts(std::size_t most = kMostListedAccounts);

}  // namespace peerpool::server
