#include "auth/audit_facts.h"

#include <string>

namespace peerpool::auth {

AuditEvent auditEvent(AuditAction action, const Admitted& client) {
  AuditEvent event;
  event.action = action;
  event.reference = client.reference;
  event.generation = client.snapshot->generation;
  event.peer = AuditPeer{client.identity.uid, client.identity.gid, client.identity.pid,
                         client.identity.user};
  event.listener = client.listener->name;
  event.address = client.listener->path;
  return event;
}

AuditEvent auditEvent(AuditAction action, const Admitted& client, const Decision& decision) {
  AuditEvent event = auditEvent(action, client);
  event.rule = decision.rule;
  event.where = config::describe(decision.where);
  event.reason = decision.reason;
  event.role_granted = decision.login_role;
  event.dry_run = decision.dry_run;
  return event;
}

}  // namespace peerpool::auth
