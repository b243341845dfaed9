// The failure of one connection, as a value.

#pragma once

#include <cstdint>
#include <string>

namespace peerpool {

/// What kind of failure, for those who must act on it. `text` is for the log.
enum class ErrorCode : std::uint8_t {
  System,       ///< A system call failed; the text has its name and errno.
  Unreachable,  ///< The backend does not answer on its address.
  Impostor,     ///< The process at the backend's address is not the expected one.
  Unproven,     ///< The backend did not prove that it knows the role's secret.
  Refused,      ///< The backend said no at login; `sqlstate` and text are its own.
  Protocol,     ///< The other side broke the protocol.
  Denied,       ///< The policy says no.
  TimedOut,     ///< A deadline passed.
  Limit,        ///< A configured limit is reached.
  Closed,       ///< The other side went away.
};

/// `sqlstate` is empty unless the backend gave one. `system_error`: the errno that says best what
/// kind of System or Unreachable it is (ETIMEDOUT: it does not answer), 0 when there is none.
struct Error {
  ErrorCode code = ErrorCode::System;
  std::string text;
  std::string sqlstate = {};
  int system_error = 0;
};

}  // namespace peerpool
