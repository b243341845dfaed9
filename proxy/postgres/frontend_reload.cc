// What a reload and a drain do to those who are here already.

#include <unordered_set>
#include <utility>

#include "proxy/postgres/frontend.h"
#include "proxy/postgres/isolation.h"
#include "proxy/postgres/refusal.h"

namespace peerpool::postgres {
namespace {

// A session that a reload no longer allows may finish its transaction for so long (CONFIG, Reload).
constexpr Duration kRevokeGrace{10'000};

config::Pool poolOf(const auth::Snapshot& snapshot, const config::PolicyRule& rule) {
  return rule.pool.value_or(snapshot.config->pools);
}

/// Does `decision` of `snapshot` lead to the place where the servers of `key` are, as the same
/// role, and with the same clients?
bool leadsTo(const pool::PoolKey& key, const auth::Snapshot& snapshot,
             const auth::Decision& decision, const auth::Admitted& client) {
  const config::Listener* listener = config::findListener(*snapshot.config, client.listener->name);
  if (decision.verdict != auth::Verdict::Allow || listener == nullptr) {
    return false;
  }
  const config::PolicyRule& rule = *decision.granted;
  if (key.isolation != isolationOf(poolOf(snapshot, rule).isolate, decision, client.identity.uid)) {
    return false;
  }
  return key.backend == (rule.backend.empty() ? listener->backend : rule.backend) &&
         key.database == decision.database && key.login_role == decision.login_role &&
         key.superuser == rule.superuser;
}

/// As the rule says that let the client in; as it stands now, if it still does.
config::OnRevoke onRevoke(const auth::Snapshot& snapshot, const config::PolicyRule& granted_by,
                          bool because_of_time) {
  const config::PolicyRule* today = &granted_by;
  for (const config::PolicyRule& rule : snapshot.config->rules) {
    if (rule.name == granted_by.name && rule.effect == config::Effect::Allow) {
      today = &rule;
      break;
    }
  }
  return because_of_time ? today->at_window_end : today->on_revoke;
}

const char* describe(config::OnRevoke action) {
  switch (action) {
    case config::OnRevoke::Close:
      return "close";
    case config::OnRevoke::Drain:
      return "drain";
    case config::OnRevoke::Keep:
      return "keep";
  }
  return "close";
}

}  // namespace

void Frontend::adopt(std::shared_ptr<const auth::Snapshot> snapshot) {
  if (snapshot_ != nullptr && snapshot_->generation >= snapshot->generation) {
    return;  // A client brought it along.
  }
  snapshot_ = std::move(snapshot);
  const TimePoint now = services_.loop.now();
  policy_clock_.adopt(snapshot_);
  pools_.forEachPool([&](pool::Pool& pool) {
    if (static_cast<ServerConnector&>(pool.connector()).adopt(snapshot_)) {
      pool.renewServers(now);
    }
  });
  std::unordered_set<const pool::Pool*> known;
  for (const auto& [id, session] : sessions_) {
    if (known.insert(&session->pool()).second) {
      reconfigurePool(*session);
    }
  }
  // What kept a backend from answering may be mended: asked by who knows the new address.
  for (const config::Backend& backend : snapshot_->config->backends) {
    watch_.setAddress(backend.name, backend.socket_path);
    pools_.hurry(backend.name, now);
  }
  for (const auto& [key, startup] : startups_) {
    startup->adopt(snapshot_);
  }
  reviewAll(review_);
}

void Frontend::reviewAll(SessionReview& review) {
  std::vector<ClientId> ids;
  ids.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) {
    ids.push_back(id);
  }
  review.start(std::move(ids));
}

auth::Decision Frontend::decideAnew(const LoggedIn& client) const {
  return snapshot_->policy.login(
      client.admitted.identity,
      {client.admitted.listener->name, client.database, client.role, wallTime()});
}

/// Before anybody logs in by the new configuration: he would get a second pool beside this one.
void Frontend::reconfigurePool(ClientSession& session) {
  auto& connector = static_cast<ServerConnector&>(session.pool().connector());
  const auth::Decision decision = decideAnew(session.facts());
  if (!leadsTo(connector.key(), *snapshot_, decision, session.facts().admitted)) {
    return;
  }
  pool::PoolKey key = connector.key();
  key.settings = poolOf(*snapshot_, *decision.granted);
  if (key != connector.key() && pools_.rename(connector.key(), key, services_.loop.now())) {
    connector.setKey(key);
  }
}

/// Of a client that logged in by an older snapshot: would it still, to the same place? Then its
/// pool has the settings of today.
bool Frontend::renew(LoggedIn& logged_in) const {
  pool::PoolKey& key = logged_in.arrival->key;
  const auth::Decision decision = decideAnew(logged_in);
  if (!leadsTo(key, *snapshot_, decision, logged_in.admitted)) {
    return false;
  }
  key.settings = poolOf(*snapshot_, *decision.granted);
  return true;
}

/// Of a reload: each session once for each snapshot. Of time: whenever the policy has changed.
void Frontend::reviewSession(ClientId id, bool because_of_time) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() ||
      (!because_of_time && found->second->facts().admitted.snapshot == snapshot_)) {
    return;
  }
  ClientSession& session = *found->second;
  const auth::Decision decision = decideAnew(session.facts());
  const LoggedIn& client = session.facts();
  const auto& connector = static_cast<const ServerConnector&>(session.pool().connector());
  if (leadsTo(connector.key(), *snapshot_, decision, client.admitted)) {
    session.adopt(snapshot_, *decision.granted);
    return;
  }
  if (because_of_time && client.admitted.snapshot != snapshot_) {
    return;  // A reload has revoked it, and on_revoke has said what becomes of it.
  }
  const config::OnRevoke action = onRevoke(*snapshot_, *client.rule, because_of_time);
  logClient(services_.log, LogLevel::Warning, "client revoked", client.admitted,
            {{because_of_time ? "at_window_end" : "on_revoke", describe(action)},
             {"granted_by", client.rule->name},
             {"rule", decision.rule},
             {"where", config::describe(decision.where)},
             {"reason", decision.verdict == auth::Verdict::Allow
                            ? "it would get another database, role or pool"
                            : decision.reason}});
  if (action != config::OnRevoke::Keep) {
    session.endAtRest(
        Leaving::Cause::Revoked, makeRevocation(client.admitted.reference), "revoked",
        action == config::OnRevoke::Drain ? kNever : services_.loop.now() + kRevokeGrace);
  }
}

void Frontend::drain(TimePoint deadline) {
  drain_until_ = deadline;
  for (const auto& [key, startup] : startups_) {
    startup->drain();
  }
  for (const auto& [id, session] : sessions_) {
    session->endAtRest(Leaving::Cause::Final, makeShutdown(), "shutdown", deadline);
  }
}

}  // namespace peerpool::postgres
