// What must hold after each turn and at the end of a run.

#include <algorithm>
#include <set>
#include <utility>

#include "tests/simulation/world.h"
#include "tests/support/descriptors.h"

namespace peerpool::simulation {

using postgres::ClientSession;

void World::broken(const std::string& invariant, const std::string& what) const {
  throw Broken(invariant + ": " + what + " (turn " + std::to_string(turns_) + ')');
}

std::size_t World::places() const { return directory_->budgetOf("main").taken(); }

/// Every server has one place, no pool and no backend has more than it may.
void World::checkPools() {
  std::size_t servers = 0;
  std::size_t clients = 0;
  const auto before = std::exchange(servers_before_, {});
  frontend_->forEachPool([&](const pool::PoolKey& key, const pool::Pool& pool) {
    const pool::PoolStats stats = pool.stats(loop_->now());
    const std::size_t total = stats.login + stats.idle + stats.active + stats.closing;
    servers += total;
    clients += stats.clients;
    servers_before_[&pool] = total;
    // After a reload there may be more, but no more come.
    const auto known = before.find(&pool);
    if (total > stats.size && (known == before.end() || total > known->second)) {
      broken("pool size", std::to_string(total) + " servers of " + key.database + " instead of " +
                              std::to_string(stats.size));
    }
    if (stats.waiting > 0 && stats.idle > 0) {
      broken("no idle server while somebody waits", key.database);
    }
    // What is due may be put off by one turn, which comes at once then.
    if (stats.longest_wait - (loop_->now() - turned_at_) >= Duration(3'000)) {
      broken("wait_timeout", std::to_string(stats.longest_wait.count()) + " us");
    }
  });
  if (servers != places()) {
    broken("budget counts servers",
           std::to_string(places()) + " places for " + std::to_string(servers) + " servers");
  }
  if (places() > std::max(shape_.places, places_before_)) {
    broken("budget", std::to_string(places()) + " places taken");
  }
  places_before_ = places();
  std::size_t sessions = 0;
  frontend_->forEachSession([&](const ClientSession&) { ++sessions; });
  if (clients != sessions) {
    broken("pools count clients", std::to_string(clients) + " for " + std::to_string(sessions));
  }
}

void World::checkLinks() {
  std::set<std::uint64_t> linked;
  std::set<std::uint64_t> needless;
  for (const auto& client : clients_) {
    if (client->needsNoServer() && manners_.honest_servers) {
      needless.insert(client->id());
    }
  }
  frontend_->forEachSession([&](const ClientSession& session) {
    const std::uint64_t id = session.facts().admitted.id.value;
    if (session.state() == ClientSession::State::Linked && needless.count(id) > 0) {
      const auto holder = std::find_if(clients_.begin(), clients_.end(),
                                       [id](const auto& client) { return client->id() == id; });
      broken("a server is given back at the sync point", (*holder)->describe());
    }
    const ServerId server = session.serverId();
    if (server && !linked.insert(server.value).second) {
      broken("one client for each server", "server " + std::to_string(server.value));
    }
  });
}

/// Whoever waited from an earlier turn on is served before whoever came later to the same pool. Who
/// waits for its uid's share learns by a message that it may, and stands in the pool's queue a turn
/// later than somebody who found room in the share at once: with that limit nothing is said here.
void World::checkQueue() {
  std::map<std::uint64_t, std::size_t> still;
  std::map<const pool::Pool*, std::size_t> oldest;  // Of those still waiting.
  std::vector<std::pair<const pool::Pool*, std::size_t>> served;
  frontend_->forEachSession([&](const ClientSession& session) {
    const std::uint64_t id = session.facts().admitted.id.value;
    const pool::Pool* pool = &session.pool();
    const bool queues = session.state() == ClientSession::State::Waiting ||
                        (session.state() == ClientSession::State::Login && !session.serverId());
    const auto known = waiting_since_.find(id);
    if (queues) {
      const bool sure = known != waiting_since_.end() && turns_ > queue_unsure_until_;
      still[id] = sure ? known->second : turns_;
      const auto first = oldest.try_emplace(pool, still[id]).first;
      first->second = std::min(first->second, still[id]);
    } else if (known != waiting_since_.end() && session.serverId()) {
      served.emplace_back(pool, known->second);
    }
  });
  if (turns_ > queue_unsure_until_ && manners_.honest_servers && !shape_.servers_per_uid) {
    for (const auto& [pool, since] : served) {
      const auto first = oldest.find(pool);
      if (first != oldest.end() && first->second < since) {
        broken("first come first served", "who came in turn " + std::to_string(since) +
                                              " before who came in turn " +
                                              std::to_string(first->second));
      }
    }
  }
  waiting_since_ = std::move(still);
}

/// The backend never has more sessions than places, those that are just ending included.
void World::checkBackend() {
  const auto sessions = static_cast<std::size_t>(
      std::count_if(backend_.sessions().begin(), backend_.sessions().end(),
                    [](const auto& session) { return !session->gone() && session->loggedIn(); }));
  const std::size_t most = std::max({shape_.places, places(), sessions_before_});
  if (!trouble_.late && sessions > most) {
    broken("the backend's max_connections", std::to_string(sessions) + " sessions");
  }
  sessions_before_ = sessions;
}

/// Nobody is here any more, and all servers are as new.
void World::checkNothingLeft() {
  for (std::size_t round = 0; round < 30; ++round) {
    clock_.advance(Duration(100));
    backend_.step(clock_.now());
    turn();
  }
  for (const auto& session : backend_.sessions()) {
    const testing::FakeMemory& memory = session->memory();
    // Statements that clients may share belong to the server.
    const bool own = std::all_of(
        memory.statements.begin(), memory.statements.end(),
        [](const auto& statement) { return statement.first.substr(0, 9) == "peerpool_"; });
    if (!session->gone() && !session->frozen() && manners_.honest_servers &&
        (!memory.lock.empty() || !memory.channel.empty() || !memory.table.empty() ||
         !memory.transaction.empty() || !own)) {
      broken("nothing outlives its client", memory.describe());
    }
  }
}

void World::checkComplaints() {
  if (!complaints_.empty()) {
    broken("every client gets its own answers", complaints_.front());
  }
  if (!backend_.complaints.empty() && manners_.honest_servers) {
    broken("no session state of others", backend_.complaints.front());
  }
}

/// Time passes, and everything that was taken is given back.
void World::checkAllGone() {
  const bool stops = chance_.percent(20);
  if (stops) {
    frontend_->shutDown();
  } else {
    // A session that is frozen keeps its place as long as the backend has it.
    for (const auto& session : backend_.sessions()) {
      if (session->frozen()) {
        session->die();
      }
    }
  }
  bool settled = false;
  for (std::size_t round = 0; round < 40; ++round) {
    clock_.advance(Duration(round < 20 ? 200 : 4'000));
    backend_.step(clock_.now());
    turn();
    settled = settled || (stops && frontend_->settled());
    if (stops && round == 22 &&
        (!settled || places() > 0)) {  // Longer than a server that hangs is waited for.
      broken("a stop ends all servers", std::to_string(places()) + " places taken");
    }
  }
  std::size_t sessions = 0;
  std::size_t startups = 0;
  std::size_t pools = 0;
  frontend_->forEachSession([&](const ClientSession&) { ++sessions; });
  frontend_->forEachStartup([&](const postgres::ClientStartup&) { ++startups; });
  frontend_->forEachPool([&](const pool::PoolKey&, const pool::Pool&) { ++pools; });
  if (sessions + startups + pools > 0 || !frontend_->settled()) {
    broken("everything ends", std::to_string(sessions) + " sessions, " + std::to_string(startups) +
                                  " startups, " + std::to_string(pools) + " pools");
  }
  postgres::SharedLimits& limits = surroundings_.limits();
  if (places() > 0 || *live_ > 0 || limits.rules.names() > 0 || limits.servers.size() > 0) {
    broken("everything is given back",
           std::to_string(places()) + " places, " + std::to_string(*live_) + " clients counted, " +
               std::to_string(limits.rules.names()) + " rules with clients, " +
               std::to_string(limits.servers.size()) + " shares");
  }
  if (surroundings_.audit().ends() != last_client_) {
    broken("every client has one end in the audit log",
           std::to_string(surroundings_.audit().ends()) + " for " + std::to_string(last_client_));
  }
  backend_.stop();
  frontend_.reset();
  loop_.reset();
  if (const std::size_t now = testing::countDescriptors(); now != descriptors_before_) {
    broken("no descriptor is left",
           std::to_string(now) + " open, before the run " + std::to_string(descriptors_before_));
  }
}

}  // namespace peerpool::simulation
