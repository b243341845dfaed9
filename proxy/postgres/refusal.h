// What a client is told when it can't be served: one table for all of it, nothing of the inner
// reason.

#pragma once

#include <string>
#include <string_view>

#include "proxy/base/clock.h"
#include "proxy/base/error.h"

namespace peerpool::postgres {

/// An ErrorResponse of severity FATAL, complete. `sqlstate` has five characters.
[[nodiscard]] std::string makeFatal(std::string_view sqlstate, std::string_view message,
                                    std::string_view hint = {});

/// The same of severity ERROR: the session goes on.
[[nodiscard]] std::string makeError(std::string_view sqlstate, std::string_view message);

/// NoticeResponse: a client has waited for a server for `waited`, which is its pool's wait_notice.
[[nodiscard]] std::string makeWaitNotice(Duration waited);

/// The service stops: 57P01 for a session, 57P03 for who is not logged in yet, as PostgreSQL says
/// it.
[[nodiscard]] std::string makeShutdown();
[[nodiscard]] std::string makeShutdownBeforeLogin();

/// A reload took away what let the session in.
[[nodiscard]] std::string makeRevocation(std::string_view reference);

/// "connection not permitted (ref XXXX)", with the rule's own words for clients if it has some.
[[nodiscard]] std::string makeDenial(std::string_view reference, std::string_view client_reason);

/// "audit log cannot be written (ref XXXX)": nobody is let in without a trace.
[[nodiscard]] std::string makeUnaudited(std::string_view reference);

/// The FATAL for a failure of our side or the backend's, whose name in the configuration is
/// `backend`. The backend's own words are passed on only when it refused the login; else the
/// reference leads to the log.
[[nodiscard]] std::string makeFailure(const Error& error, std::string_view reference,
                                      std::string_view backend);

}  // namespace peerpool::postgres
