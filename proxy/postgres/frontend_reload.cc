// What a reload and a drain do to those who are here already.

#include <unordered_set>
#include <utility>

#include "proxy/postgres/frontend.h"
#include "proxy/postgres/refusal.h"

namespace peerpool::postgres {
namespace {

// A session that a reload no longer allows may finish its transaction for so long (CONFIG, Reload).
constexpr Duration kRevokeGrace{10'000};

auth::Decision decide(const auth::Snapshot& snapshot, const LoggedIn& client) {
  return snapshot.policy.login(client.admitted.identity,
                               {client.admitted.listener->name, client.database, client.role});
}

/// Does `decision` of `snapshot` lead to the place where the servers of `key` are, as the same
/// role?
bool leadsTo(const pool::PoolKey& key, const auth::Snapshot& snapshot,
             const auth::Decision& decision, const std::string& listener_name) {
  const config::Listener* listener = config::findListener(*snapshot.config, listener_name);
  if (decision.verdict != auth::Verdict::Allow || listener == nullptr) {
    return false;
  }
  const config::PolicyRule& rule = *decision.granted;
  return key.backend == (rule.backend.empty() ? listener->backend : rule.backend) &&
         key.database == decision.database && key.login_role == decision.login_role &&
         key.superuser == rule.superuser;
}

/// As the rule says that let the client in; as it stands now, if it still does.
config::OnRevoke onRevoke(const auth::Snapshot& snapshot, const config::PolicyRule& granted_by) {
  for (const config::PolicyRule& rule : snapshot.config->rules) {
    if (rule.name == granted_by.name && rule.effect == config::Effect::Allow) {
      return rule.on_revoke;
    }
  }
  return granted_by.on_revoke;
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
  pools_.forEachPool([&](pool::Pool& pool) {
    if (static_cast<ServerConnector&>(pool.connector()).adopt(snapshot_)) {
      pool.renewServers(now);
    }
  });
  std::vector<ClientId> ids;
  ids.reserve(sessions_.size());
  std::unordered_set<const pool::Pool*> known;
  for (const auto& [id, session] : sessions_) {
    ids.push_back(id);
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
  review_.start(std::move(ids));
}

/// Before anybody logs in by the new configuration: he would get a second pool beside this one.
void Frontend::reconfigurePool(ClientSession& session) {
  auto& connector = static_cast<ServerConnector&>(session.pool().connector());
  const auth::Decision decision = decide(*snapshot_, session.facts());
  if (!leadsTo(connector.key(), *snapshot_, decision, session.facts().admitted.listener->name)) {
    return;
  }
  pool::PoolKey key = connector.key();
  key.settings = decision.granted->pool.value_or(snapshot_->config->pools);
  if (key != connector.key() && pools_.rename(connector.key(), key, services_.loop.now())) {
    connector.setKey(key);
  }
}

/// Of a client that logged in by an older snapshot: would it still, to the same place? Then its
/// pool has the settings of today.
bool Frontend::renew(LoggedIn& logged_in) const {
  pool::PoolKey& key = logged_in.arrival->key;
  const auth::Decision decision = decide(*snapshot_, logged_in);
  if (!leadsTo(key, *snapshot_, decision, logged_in.admitted.listener->name)) {
    return false;
  }
  key.settings = decision.granted->pool.value_or(snapshot_->config->pools);
  return true;
}

void Frontend::reviewSession(ClientId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->facts().admitted.snapshot == snapshot_) {
    return;
  }
  ClientSession& session = *found->second;
  const auth::Decision decision = decide(*snapshot_, session.facts());
  const LoggedIn& client = session.facts();
  const auto& connector = static_cast<const ServerConnector&>(session.pool().connector());
  if (leadsTo(connector.key(), *snapshot_, decision, client.admitted.listener->name)) {
    session.adopt(snapshot_, *decision.granted);
    return;
  }
  const config::OnRevoke action = onRevoke(*snapshot_, *client.rule);
  logClient(
      services_.log, LogLevel::Warning, "client revoked", client.admitted,
      {{"on_revoke", describe(action)},
       {"granted_by", client.rule->name},
       {"rule", decision.rule},
       {"where", config::describe(decision.where)},
       {"reason", decision.verdict == auth::Verdict::Allow ? "it would get another database or role"
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
