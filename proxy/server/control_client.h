// Commands that ask the running process: how they find it, ask, and end when it does not answer.

#pragma once

#include <iosfwd>
#include <string>

#include "proxy/base/clock.h"
#include "proxy/base/result.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// The line that asks for a reload; any other is the word of a StatusKind.
inline constexpr char kReloadRequest[] = "reload";

/// Where the process that serves `options.config` answers. Empty, and said on `err`: there is no
/// runtime directory.
[[nodiscard]] std::string controlSocketPath(const Options& options, std::ostream& err);

/// Sends one request to the socket at `path` and returns the answer. Blocks at most `patience` in
/// one system call. Errors: Unreachable (nobody listens there), Denied, TimedOut, Closed, Limit,
/// System.
[[nodiscard]] Result<std::string> askRunning(const std::string& path, const std::string& request,
                                             Duration patience);

/// Of a command that ends with `error`: kExitDenied when the socket is there but not for this
/// account, else kExitUnavailable.
[[nodiscard]] int exitCode(const Error& error);

}  // namespace peerpool::server
