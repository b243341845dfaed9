// The directories above a socket file: what is known of them, and whether somebody else could put
// another socket in place of ours.

#pragma once

#include <string>
#include <vector>

#include "auth/file_facts.h"
#include "auth/identity.h"
#include "auth/name_resolver.h"
#include "auth/permissions.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// "/", "/run", "/run/peerpool" for "/run/peerpool/pg.sock".
[[nodiscard]] std::vector<std::string> parentsOf(const std::string& path);

/// A directory that exists, or that `directories:` has peerpool make: then with the permissions
/// configured.
struct ParentDirectory {
  std::string path;
  Permissions permissions;
  bool certain = true;  ///< False: it has an ACL that was not read.
};

/// From the root down; directories of which nothing is known are left out. Those that peerpool
/// makes let the entries of each listener's acl: search.
[[nodiscard]] std::vector<ParentDirectory> knownParents(const config::Config& config,
                                                        const std::string& socket_path,
                                                        const FileFacts& files,
                                                        const Identity& service,
                                                        NameResolver& names);

/// Symbolic links, directories of strangers and directories that others may write are errors; a
/// sticky one of root's that others may write is a warning, and so is what stands at the path
/// itself and is no socket.
void checkParents(const config::Listener& listener, const FileFacts& files, const Identity& service,
                  config::Diagnostics& out);

/// owner: and group: of a listener that a service other than root cannot set.
void checkOwnership(const config::Config& config, const config::Listener& listener,
                    const FileFacts& files, const Identity& service, NameResolver& names,
                    config::Diagnostics& out);

}  // namespace peerpool::auth
