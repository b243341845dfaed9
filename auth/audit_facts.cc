#include "auth/audit_facts.h"

#include <string>

#include "auth/process_facts.h"

namespace peerpool::auth {
namespace {

std::string containerText(const ProcessFacts& facts) {
  const CgroupPlace* const place = facts.cgroup.find();
  const bool* const apart = facts.apart.find();
  switch (place == nullptr ? ContainerEngine::None : place->engine) {
    case ContainerEngine::Docker:
      return "docker";
    case ContainerEngine::Podman:
      return "podman";
    case ContainerEngine::Other:
      return "other";
    case ContainerEngine::None:
      break;
  }
  return apart == nullptr ? "" : *apart ? "other" : place == nullptr ? "" : "none";
}

}  // namespace

AuditProcess auditProcess(const Identity& identity) {
  AuditProcess process;
  if (identity.process == nullptr) {
    return process;
  }
  if (const CgroupPlace* const place = identity.process->cgroup.find()) {
    process.cgroup = place->path;
    process.unit = place->unit;
    process.user_unit = place->user_unit;
    process.slice = place->slices.empty() ? "" : place->slices.back();
  }
  process.container = containerText(*identity.process);
  if (const Executable* const executable = identity.process->executable.find()) {
    process.executable = executable->path;
  }
  return process;
}

AuditEvent auditEvent(AuditAction action, const Admitted& client) {
  AuditEvent event;
  event.action = action;
  event.reference = client.reference;
  event.generation = client.snapshot->generation;
  event.peer = AuditPeer{client.identity.uid, client.identity.gid, client.identity.pid,
                         client.identity.user, auditProcess(client.identity)};
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
