// Opens connections to Unix sockets. Whether the right process answers is auth's question.

#pragma once

#include <cstdint>
#include <string>

#include "proxy/base/unique_fd.h"

namespace peerpool::net {

enum class ConnectOutcome : std::uint8_t {
  Connected,  ///< `socket` is connected and does not block.
  Busy,       ///< The other side's backlog is full (EAGAIN): worth trying again in a moment.
  Failed,     ///< `error` says why; ENOENT and ECONNREFUSED: nobody listens there.
};

struct ConnectResult {
  ConnectOutcome outcome = ConnectOutcome::Failed;
  UniqueFd socket;
  int error = 0;  ///< errno of Busy and Failed.
};

/// Connects a stream socket to `path` without blocking: for Unix sockets the outcome is known at
/// once, there is no EINPROGRESS (connect(2)). Paths may be longer than 107 bytes.
[[nodiscard]] ConnectResult connectUnix(const std::string& path);

}  // namespace peerpool::net
