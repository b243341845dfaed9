// What the worker's side of a client's life tells the audit log: one call for each thing that
// happens to it.

#pragma once

#include <string>
#include <string_view>

#include "proxy/base/limit_hits.h"
#include "proxy/postgres/client_host.h"
#include "proxy/postgres/logged_in.h"

namespace peerpool::postgres {

/// Records that the client may come in. False: that cannot be recorded, the denial has been, and
/// the client must be refused. `client` is the one of which `next` is made.
[[nodiscard]] bool auditLogin(ClientHost& host, const auth::Admitted& client,
                              const auth::Decision& decision, const LoggedIn& next);

/// `decision` is why not; an Allow that something else spoiled has that as its reason. Never a part
/// of a number, as denials at accept may be: it is the end of a connection that was started.
void auditDenial(ClientHost& host, const auth::Admitted& client, const auth::Decision& decision,
                 const std::string& database, const std::string& role);

/// After auditLogin(): why mode: enforce would not have let it in.
void auditWouldDeny(ClientHost& host, const auth::Admitted& client, const auth::Decision& decision,
                    const LoggedIn& next);

/// Counts the limit and records whom it hit.
void hitLimit(ClientHost& host, const auth::Admitted& client, Limit limit);

/// A CancelRequest that fits no session of its uid.
void auditCancelRejected(ClientHost& host, const auth::Admitted& client);

/// A CancelRequest that was carried out. Of whom, its own events tell.
void auditCancelForwarded(ClientHost& host, const auth::Admitted& client);

/// The end of a connection before it was logged in and without a denial. Of one that never was
/// allowed to start there is nothing to tell.
void auditEnd(ClientHost& host, const auth::Admitted& client, std::string_view reason);
/// The end of a session, whose pool has `key`.
void auditEnd(ClientHost& host, const LoggedIn& session, const pool::PoolKey& key,
              std::string_view reason);

}  // namespace peerpool::postgres
