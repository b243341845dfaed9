// CancelRequests of clients: finds the session that is meant, wherever it lives.

#include "auth/audit_facts.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/frontend.h"

namespace peerpool::postgres {

void Frontend::cancel(ClientStartup& from, const wire::CancelRequest& request) {
  const auth::Identity& peer = from.admitted().identity;
  const ClientId client = from.admitted().id;
  if (!peer.known || !cancel_guesses_.hears(peer.uid, services_.loop.now())) {
    endCancel(&from, client, false);
    return;
  }
  const Canceller canceller{request, peer.uid};
  if (cancelHere(canceller)) {
    auditCancelForwarded(*this, from.admitted());
    endCancel(&from, client, true);
    return;
  }
  // Who asked may be gone by then; that it was done is recorded all the same.
  services_.neighbours.cancel(canceller, [this, key = &from, client,
                                          event = auth::auditEvent(AuditAction::CancelForwarded,
                                                                   from.admitted())](bool found) {
    if (found) {
      recordAfterwards(audit(), event);
    }
    endCancel(key, client, found);
  });
}

bool Frontend::cancelHere(const Canceller& canceller) {
  const auto client = cancel_keys_.find(canceller.request.pid, canceller.request.key);
  const auto session = client ? sessions_.find(*client) : sessions_.end();
  if (session == sessions_.end() ||
      session->second->facts().admitted.identity.uid != canceller.uid) {
    return false;
  }
  session->second->cancelRequest();
  return true;
}

/// `from` may be gone; it is who it was if `client` is its number.
void Frontend::endCancel(const ClientStartup* from, ClientId client, bool found) {
  const auto startup = startups_.find(from);
  if (startup == startups_.end() || startup->second->admitted().id != client) {
    return;
  }
  const auth::Admitted& peer = startup->second->admitted();
  if (!found) {
    cancel_guesses_.wrong(peer.identity.uid, services_.loop.now());
    auditCancelRejected(*this, peer);
    logTurnedAway(*this, "cancel rejected", peer, "reason", "no session of this uid has that key");
  }
  startup->second->endCancel();
}

}  // namespace peerpool::postgres
