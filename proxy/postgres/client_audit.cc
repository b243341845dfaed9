#include "proxy/postgres/client_audit.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include "auth/audit_facts.h"

namespace peerpool::postgres {
namespace {

AuditEvent endOf(ClientHost& host, const auth::Admitted& client, std::string_view reason) {
  AuditEvent event = auth::auditEvent(AuditAction::SessionEnded, client);
  event.reason = reason;
  event.duration =
      std::chrono::duration_cast<std::chrono::nanoseconds>(host.loop().now() - client.accepted_at);
  return event;
}

}  // namespace

bool auditLogin(ClientHost& host, const auth::Admitted& client, const auth::Decision& decision,
                const LoggedIn& next) {
  AuditEvent event = auth::auditEvent(AuditAction::LoginAllowed, client, decision);
  event.backend = next.arrival->key.backend;
  event.database = next.database;
  event.role_requested = next.role;
  if (host.audit().record(event)) {
    return true;
  }
  event.action = AuditAction::LoginDenied;
  event.reason = "the audit log cannot be written";
  event.role_granted.clear();
  recordAfterwards(host.audit(), std::move(event));
  return false;
}

void auditDenial(ClientHost& host, const auth::Admitted& client, const auth::Decision& decision,
                 const std::string& database, const std::string& role) {
  AuditEvent event = auth::auditEvent(AuditAction::LoginDenied, client, decision);
  event.database = database;
  event.role_requested = role;
  event.role_granted.clear();
  recordAfterwards(host.audit(), std::move(event));
}

void auditWouldDeny(ClientHost& host, const auth::Admitted& client, const auth::Decision& decision,
                    const LoggedIn& next) {
  AuditEvent event = auth::auditEvent(AuditAction::LoginWouldBeDenied, client, decision);
  event.reason = decision.would_deny;
  event.backend = next.arrival->key.backend;
  event.database = next.database;
  event.role_requested = next.role;
  recordAfterwards(host.audit(), std::move(event));
  logTurnedAway(host, "client would be denied", client, "rule", decision.rule,
                {{"reason", decision.would_deny}});
}

void hitLimit(ClientHost& host, const auth::Admitted& client, Limit limit) {
  host.limitHits().count(limit);
  AuditEvent event = auth::auditEvent(AuditAction::LimitHit, client);
  event.limit = kLimitSettings[static_cast<std::size_t>(limit)];
  recordAfterwards(host.audit(), std::move(event));
}

void auditCancelRejected(ClientHost& host, const auth::Admitted& client) {
  AuditEvent event = auth::auditEvent(AuditAction::CancelRejected, client);
  event.reason = "no session of this uid has that cancel key";
  recordAfterwards(host.audit(), std::move(event));
}

void auditCancelForwarded(ClientHost& host, const auth::Admitted& client) {
  recordAfterwards(host.audit(), auth::auditEvent(AuditAction::CancelForwarded, client));
}

void auditEnd(ClientHost& host, const auth::Admitted& client, std::string_view reason) {
  if (client.over_limit || client.unaudited || client.decision->verdict == auth::Verdict::Deny) {
    return;
  }
  recordAfterwards(host.audit(), endOf(host, client, reason));
}

void auditEnd(ClientHost& host, const LoggedIn& session, const pool::PoolKey& key,
              std::string_view reason) {
  AuditEvent event = endOf(host, session.admitted, reason);
  event.backend = key.backend;
  event.rule = session.rule->name;
  event.database = session.database;
  event.role_requested = session.role;
  event.role_granted = key.login_role;
  recordAfterwards(host.audit(), std::move(event));
}

}  // namespace peerpool::postgres
