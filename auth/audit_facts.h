// What is known of a client as an event of the audit log.

#pragma once

#include "auth/admitted.h"
#include "auth/policy.h"
#include "proxy/base/audit.h"

namespace peerpool::auth {

/// What of the process an event tells; all empty when nobody looked at it.
[[nodiscard]] AuditProcess auditProcess(const Identity& identity);

/// Reference, peer, listener and generation of `client`.
[[nodiscard]] AuditEvent auditEvent(AuditAction action, const Admitted& client);

/// The same with the rule, the reason and, of an Allow, the role and database granted.
[[nodiscard]] AuditEvent auditEvent(AuditAction action, const Admitted& client,
                                    const Decision& decision);

}  // namespace peerpool::auth
