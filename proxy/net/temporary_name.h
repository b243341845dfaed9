// Names of files that are not finished yet: .NAME.tmp-XXXXXXXX beside the socket NAME.

#pragma once

#include <string>

namespace peerpool::net {

/// A new random one, so that nobody can take it beforehand.
[[nodiscard]] std::string makeTemporaryName(const std::string& socket_name);

/// Removes sockets and regular files of this process' account with such names, left by processes
/// that were killed. Only for the holder of the lock on `socket_name`: a starting rival loses its
/// lock file before it is in place, and tries again. A directory that cannot be listed is left as
/// it is.
void removeTemporaryFiles(int directory_fd, const std::string& socket_name);

}  // namespace peerpool::net
