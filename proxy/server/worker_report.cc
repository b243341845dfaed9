#include "proxy/server/worker_report.h"

#include <chrono>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/words.h"
#include "proxy/base/check.h"

namespace peerpool::server {
namespace {

using postgres::ClientSession;
using postgres::ServerSession;
using postgres::StateKind;

std::string stateOf(const ClientSession& session) {
  switch (session.state()) {
    case ClientSession::State::Login:
      return "login";
    case ClientSession::State::Idle:
      return "idle";
    case ClientSession::State::Waiting:
      return "waiting";
    case ClientSession::State::Skipping:
      return "canceled";
    case ClientSession::State::Preparing:
      return "preparing";
    case ClientSession::State::Linked:
      return session.pinned() ? "pinned: " + std::string(postgres::describe(*session.pinned()))
                              : "active";
    case ClientSession::State::Closing:
    case ClientSession::State::Gone:
      return "closing";
  }
  checkFailed("unknown ClientSession::State");
}

std::string stateOf(const ServerSession& server) {
  switch (server.state()) {
    case ServerSession::State::Connecting:
    case ServerSession::State::Login:
      return "login";
    case ServerSession::State::Idle:
      return "idle";
    case ServerSession::State::Preparing:
      return "resetting";
    case ServerSession::State::Linked:
      return "active";
    case ServerSession::State::Closing:
    case ServerSession::State::Lost:
      return "closing";
  }
  checkFailed("unknown ServerSession::State");
}

std::vector<admin::PinReport> pinsOf(const pool::Pool& pool) {
  const auto& connector = static_cast<const postgres::ServerConnector&>(pool.connector());
  std::vector<admin::PinReport> pins;
  for (const StateKind state : postgres::kStateKinds) {
    if (const std::uint64_t count = connector.pins().of(state); count > 0) {
      pins.push_back({std::string(postgres::describe(state)), count});
    }
  }
  return pins;
}

Duration ageOf(TimePoint since, TimePoint now) {
  return std::chrono::duration_cast<Duration>(now - since);
}

admin::ClientReport describe(const auth::Admitted& client, TimePoint now) {
  admin::ClientReport row;
  row.id = client.id.value;
  row.listener = client.listener->name;
  row.user = client.identity.user;
  row.uid = client.identity.uid;
  row.pid = client.identity.pid;
  row.age = ageOf(client.accepted_at, now);
  return row;
}

}  // namespace

admin::WorkerReport makeReport(const postgres::Frontend& frontend, std::size_t worker,
                               TimePoint now) {
  admin::WorkerReport report;
  report.worker = worker;
  std::unordered_map<const pool::Pool*, std::size_t> pinned;
  frontend.forEachSession([&](const ClientSession& session) {
    if (session.pinned().value_or(StateKind::Session) != StateKind::Session) {
      ++pinned[&session.pool()];
    }
  });
  frontend.forEachPool([&](const pool::PoolKey& key, const pool::Pool& pool) {
    const std::size_t bound = pinned.find(&pool) == pinned.end() ? 0 : pinned.at(&pool);
    report.pools.push_back({key.backend, key.database, key.login_role,
                            std::string(textOf(config::kPoolModes, key.settings.mode)), worker,
                            key.settings.size, pool.stats(now), bound, pinsOf(pool)});
  });
  frontend.forEachStartup([&](const postgres::ClientStartup& startup) {
    admin::ClientReport row = describe(startup.admitted(), now);
    row.state = "startup";
    row.rule = startup.admitted().decision->rule;
    report.clients.push_back(std::move(row));
  });
  frontend.forEachSession([&](const ClientSession& session) {
    const postgres::LoggedIn& facts = session.facts();
    admin::ClientReport row = describe(facts.admitted, now);
    row.rule = facts.rule->name;
    row.database = facts.database;
    row.role = facts.role;
    row.state = stateOf(session);
    row.server = session.serverId().value;
    if (const auto* name = facts.wanted.find(*postgres::trackedIndex("application_name"))) {
      row.application_name = *name;
    }
    report.clients.push_back(std::move(row));
  });
  frontend.forEachServer([&](const pool::PoolKey& key, const ServerSession& server) {
    const bool linked = server.state() == ServerSession::State::Linked;
    report.servers.push_back({server.id().value, key.backend, key.database, key.login_role,
                              stateOf(server), server.backendPid(),
                              linked ? server.lastClient().value : 0, worker,
                              ageOf(server.openedAt(), now)});
  });
  return report;
}

std::vector<admin::LimitReport> reportLimits(const LimitHits& hits) {
  std::vector<admin::LimitReport> rows;
  for (std::size_t i = 0; i < kLimitSettings.size(); ++i) {
    rows.push_back({std::string(kLimitSettings[i]), hits.of(static_cast<Limit>(i))});
  }
  return rows;
}

}  // namespace peerpool::server
