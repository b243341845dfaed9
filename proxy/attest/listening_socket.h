// The socket of peerpool-attest: made here, or passed by the service manager.

#pragma once

#include <sys/types.h>

#include <string>

#include "proxy/base/unique_fd.h"

namespace peerpool::attest {

/// A listening seqpacket socket at `path`, which only root and `client` may open. One that nobody
/// listens on any more is replaced. Throws std::system_error or std::runtime_error.
[[nodiscard]] UniqueFd listenAt(const std::string& path, uid_t client);

/// What $LISTEN_PID and $LISTEN_FDS say (sd_listen_fds(3)). Throws std::runtime_error when there is
/// none, more than one, or it is no such socket.
[[nodiscard]] UniqueFd passedSocket();

}  // namespace peerpool::attest
