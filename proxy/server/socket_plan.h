// Listeners and directories of the configuration as what proxy/net makes: names of accounts become
// numbers. Makes nothing itself.

#pragma once

#include <vector>

#include "auth/accounts.h"
#include "config/model.h"
#include "proxy/net/access.h"
#include "proxy/net/directory.h"
#include "proxy/net/socket_file.h"
#include "proxy/server/doors.h"

namespace peerpool::server {

/// All may block on `accounts`, and throw std::runtime_error when a name does not resolve (any
/// more).
[[nodiscard]] net::SocketFileOptions socketFileOptions(const config::Listener& listener,
                                                       auth::Accounts& accounts);
[[nodiscard]] net::DirectoryOptions directoryOptions(const config::Directory& directory,
                                                     auth::Accounts& accounts);

/// A directory that we make, and who must be able to search it.
struct DirectoryPlan {
  net::DirectoryOptions options;
  std::vector<net::AclEntry> searchers;
};
[[nodiscard]] std::vector<DirectoryPlan> directoryPlans(const config::Config& config,
                                                        auth::Accounts& accounts);
[[nodiscard]] std::vector<DoorPlan> doorPlans(const config::Config& config,
                                              auth::Accounts& accounts);

/// Who needs search permission on `directory` because an acl: lets them open a socket right in it.
/// Empty unless the directory is one that we make.
[[nodiscard]] std::vector<net::AclEntry> searchersOf(const config::Directory& directory,
                                                     const config::Config& config,
                                                     auth::Accounts& accounts);

}  // namespace peerpool::server
