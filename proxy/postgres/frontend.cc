#include "proxy/postgres/frontend.h"

#include <set>
#include <system_error>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/refusal.h"

namespace peerpool::postgres {
namespace {

// How long a client that was turned away may take to read why.
constexpr Duration kFarewell{2000};

}  // namespace

Frontend::Frontend(const Services& services)
    : event::Timer(services.loop.timers()),
      services_(services),
      cancels_(services.loop),
      pools_(*this),
      review_(services.loop, [this](ClientId id) { reviewSession(id, false); }),
      time_review_(services.loop, [this](ClientId id) { reviewSession(id, true); }),
      policy_clock_(services.loop, services.wall_clock, [this] { reviewAll(time_review_); }),
      watch_(services.loop,
             [this](const std::string& backend) { pools_.hurry(backend, services_.loop.now()); }) {}

Frontend::~Frontend() {
  // Leases die before the pools they came from.
  sessions_.clear();
  recoveries_.clear();
}

void Frontend::admit(auth::Admitted admitted) {
  if (shutting_down_) {
    auditEnd(*this, admitted, "shutdown");
    return;
  }
  try {
    ClientHost& host = *this;
    auto startup = std::make_unique<ClientStartup>(host, std::move(admitted));
    const ClientStartup* key = startup.get();
    startup->adopt(newest(startup->admitted().snapshot));
    startups_.emplace(key, std::move(startup));
  } catch (const std::system_error& failure) {
    dropped(failure);
  }
}

void Frontend::route(LoggedIn logged_in) {
  const std::size_t owner = services_.directory.ownerOf(logged_in.arrival->key);
  if (owner == services_.worker) {
    take(std::move(logged_in));
  } else {
    services_.neighbours.moveClient(owner, std::move(logged_in));
  }
}

void Frontend::take(LoggedIn logged_in) {
  if (shutting_down_) {
    auditEnd(*this, logged_in, logged_in.arrival->key, "shutdown");
    return;
  }
  const bool outdated = newest(logged_in.admitted.snapshot) != logged_in.admitted.snapshot;
  if (outdated && !renew(logged_in)) {
    const std::string fatal = makeRevocation(logged_in.admitted.reference);
    turnAway(std::move(logged_in), fatal, "a reload came before its login ended");
    return;
  }
  if (!pools_.admits(logged_in.arrival->key)) {
    turnAway(std::move(logged_in), makeFatal("53300", "too many different pools"),
             "this worker has " + std::to_string(pool::PoolMap::kMostPools) +
                 " different pools already");
    return;
  }
  logClient(services_.log, LogLevel::Info, "client login", logged_in.admitted,
            {{"database", logged_in.database},
             {"role", logged_in.role},
             {"rule", logged_in.rule->name},
             {"where", config::describe(logged_in.rule->where)},
             {"login_role", logged_in.arrival->key.login_role}});
  pool::Pool& pool = pools_.find(logged_in.arrival->key, services_.loop.now());
  auto& connector = static_cast<ServerConnector&>(pool.connector());
  const ClientId id = logged_in.admitted.id;
  try {
    ClientHost& host = *this;
    auto session = std::make_unique<ClientSession>(host, pool, connector, std::move(logged_in));
    ClientSession& started = *session;
    sessions_.emplace(id, std::move(session));
    started.start();
    if (outdated || policy_clock_.runs()) {
      reviewSession(id, !outdated);  // What let it in may be over since.
    }
    if (draining()) {
      started.endAtRest(Leaving::Cause::Final, makeShutdown(), "shutdown", *drain_until_);
    }
  } catch (const std::system_error& failure) {
    dropped(failure);
  }
}

/// There is no place for it after all, for `reason`.
void Frontend::turnAway(LoggedIn logged_in, const std::string& fatal, const std::string& reason) {
  logTurnedAway(*this, "client refused", logged_in.admitted, "rule", logged_in.rule->name,
                {{"reason", reason}});
  auditEnd(*this, logged_in, logged_in.arrival->key, reason);
  try {
    auto farewell = std::make_unique<Farewell>(
        services_.loop, std::move(logged_in.admitted.fd), logged_in.arrival->greeting + fatal,
        services_.loop.now() + kFarewell, [this](const Farewell& over) {
          const auto found = farewells_.find(&over);
          services_.loop.deleteLater(std::move(found->second));
          farewells_.erase(found);
        });
    const Farewell* key = farewell.get();
    farewells_.emplace(key, std::move(farewell));
  } catch (const std::system_error& failure) {
    dropped(failure);
  }
}

/// The snapshot in force; what a client brings along may be older, or the first one here.
const std::shared_ptr<const auth::Snapshot>& Frontend::newest(
    const std::shared_ptr<const auth::Snapshot>& brought) {
  if (snapshot_ == nullptr || snapshot_->generation < brought->generation) {
    adopt(brought);
  }
  return snapshot_;
}

void Frontend::dropped(const std::system_error& failure) {
  // The kernel watches no more descriptors for us: this client is lost, the others are not.
  services_.log.write({LogLevel::Error, "client dropped", {{"reason", failure.what()}}});
}

Frontend::Parts Frontend::makeParts(const pool::PoolKey& key) {
  const ServerConnector::Services services{services_.loop, services_.log, services_.keys, cancels_,
                                           services_.directory.serverIds()};
  const config::Backend* backend = config::findBackend(*snapshot_->config, key.backend);
  check(backend != nullptr, "validate() found the backend of every rule");
  watch_.setAddress(key.backend, backend->socket_path);
  return {std::make_unique<ServerConnector>(services, snapshot_, key),
          &services_.directory.budgetOf(key.backend), backend->connect_timeout};
}

void Frontend::remove(ClientStartup& startup) {
  const auto found = startups_.find(&startup);
  check(found != startups_.end(), "a startup is removed once");
  services_.loop.deleteLater(std::move(found->second));
  startups_.erase(found);
}

void Frontend::remove(ClientSession& session) {
  const auto found = sessions_.find(session.facts().admitted.id);
  check(found != sessions_.end(), "a session is removed once");
  services_.loop.deleteLater(std::move(found->second));
  sessions_.erase(found);
}

void Frontend::remove(ServerRecovery& recovery) {
  const auto found = recoveries_.find(&recovery);
  check(found != recoveries_.end(), "a recovery is removed once");
  services_.loop.deleteLater(std::move(found->second));
  recoveries_.erase(found);
}

void Frontend::recover(pool::Lease lease) {
  if (shutting_down_) {
    return;  // Nobody comes next: the lease dies here, and its server with it.
  }
  RecoveryOwner& owner = *this;
  auto recovery = std::make_unique<ServerRecovery>(services_.loop, owner, std::move(lease));
  ServerRecovery& started = *recovery;
  recoveries_.emplace(&started, std::move(recovery));
  started.start();
}

void Frontend::onGivenUp(const ServerSession& server, std::string_view reason) {
  services_.log.write({LogLevel::Warning,
                       "server not reusable",
                       {{"server", std::to_string(server.id().value)},
                        {"pid", std::to_string(server.backendPid())},
                        {"reason", std::string(reason)}}});
}

void Frontend::evictIdle(const std::string& backend) {
  (void)pools_.evictIdle(backend, services_.loop.now());
}

void Frontend::retryStarved(const std::string& backend) {
  pools_.retryStarved(backend, services_.loop.now());
}

void Frontend::onDue(TimePoint due) {
  if (!armed() || due < deadline()) {
    set(due);
  }
}

void Frontend::onTimer(TimePoint now) { set(pools_.maintain(now)); }

void Frontend::onStarved(const std::string& backend) { services_.neighbours.askForPlace(backend); }

void Frontend::onPlaceFreed(const std::string& backend) {
  services_.neighbours.offerPlace(backend);
}

void Frontend::onBackendFails(const std::string& backend, const Error& cause) {
  services_.log.write(
      {LogLevel::Warning, "backend fails", {{"backend", backend}, {"reason", cause.text}}});
}

void Frontend::onBackendAnswers(const std::string& backend, Duration outage) {
  services_.log.write({LogLevel::Info,
                       "backend answers",
                       {{"backend", backend}, {"outage_ms", std::to_string(outage.count())}}});
}

void Frontend::onAwaited(const std::string& backend, bool awaited) { watch_.set(backend, awaited); }

void Frontend::shutDown() {
  shutting_down_ = true;
  for (const auto& [key, startup] : startups_) {
    startup->shutDown();
  }
  for (const auto& [id, session] : sessions_) {
    session->shutDown();
  }
  // Else each server that is closed would be opened anew, for nobody, and the stop never end.
  pools_.forEachPool([this](pool::Pool& pool) {
    config::Pool settings = pool.settings();
    settings.min_size = 0;
    pool.reconfigure(settings, services_.loop.now());
    static_cast<ServerConnector&>(pool.connector()).stopWaiting();
  });
  closeIdle();
}

void Frontend::closeIdle() {
  std::set<std::string> backends;
  pools_.forEach(
      [&](const pool::PoolKey& key, const pool::Pool&) { backends.insert(key.backend); });
  for (const std::string& backend : backends) {
    while (pools_.evictIdle(backend, services_.loop.now())) {
    }
  }
}

bool Frontend::settled() {
  if (!startups_.empty() || !sessions_.empty() || !recoveries_.empty() || !farewells_.empty()) {
    return false;
  }
  closeIdle();  // Those that were given back meanwhile.
  std::size_t servers = 0;
  pools_.forEach([&](const pool::PoolKey&, const pool::Pool& pool) {
    servers += static_cast<const ServerConnector&>(pool.connector()).outside();
  });
  return servers == 0;
}

void Frontend::forEachServer(
    const std::function<void(const pool::PoolKey&, const ServerSession&)>& visit) const {
  pools_.forEach([&](const pool::PoolKey& key, const pool::Pool& pool) {
    // Closing ones are in both lists: the connector's is the whole one for them.
    const auto& servers = pool.servers();
    for (const pool::Server* server = servers.front(); server != nullptr;
         server = servers.after(*server)) {
      if (server->state() != pool::ServerState::Closing) {
        visit(key, static_cast<const ServerSession&>(*server));
      }
    }
    static_cast<const ServerConnector&>(pool.connector())
        .forEachOutside([&](const ServerSession& server) { visit(key, server); });
  });
}

void Frontend::forEachStartup(const std::function<void(const ClientStartup&)>& visit) const {
  for (const auto& [id, startup] : startups_) {
    visit(*startup);
  }
}

void Frontend::forEachSession(const std::function<void(const ClientSession&)>& visit) const {
  for (const auto& [id, session] : sessions_) {
    visit(*session);
  }
}

}  // namespace peerpool::postgres
