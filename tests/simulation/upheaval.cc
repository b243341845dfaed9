// What an operator does to a run, reload and stop, and what must hold then.

#include "tests/simulation/world.h"

namespace peerpool::simulation {
namespace {

using postgres::ClientSession;
using State = ClientSession::State;

// How long a session that a reload no longer allows may go on (CONFIG, Reload), and what one turn
// of the run may take.
constexpr Duration kRevokeGrace{10'000};
constexpr Duration kLongTurn{4'000};

bool isOver(const ClientSession& session) {
  return session.state() == State::Closing || session.state() == State::Gone;
}

}  // namespace

/// Sizes, limits and rules change; the mode stays, because clients count on it.
void World::reload() {
  checkPools();  // What a reload in the same turn opened counts as known.
  checkBackend();
  shape_.size_one = chance_.between(1, 3);
  shape_.size_two = chance_.between(1, 3);
  shape_.min_size = chance_.percent(20) ? 1 : 0;
  shape_.places = chance_.between(2, 5);
  shape_.limits = manners_.limits && chance_.percent(50);
  shape_.secret += chance_.percent(20) ? 1U : 0U;
  shape_.allow_two = chance_.percent(80);
  ++shape_.generation;
  if (shape_.allow_two) {
    revoked_at_ = kNever;
  } else if (revoked_at_ == kNever) {
    revoked_at_ = clock_.now();
  }
  snapshot_before_ = snapshot_;
  snapshot_ = makeSnapshot(backend_.path(), shape_);
  directory_->adopt(*snapshot_->config);
  frontend_->adopt(snapshot_);
  reloaded_in_ = turns_;
}

void World::drain() {
  drain_until_ = clock_.now() + Duration(chance_.pick(5'000));
  frontend_->drain(drain_until_);
}

/// Everybody lives by the configuration in force, or is on his way out.
void World::checkSnapshots() {
  const TimePoint now = loop_->now();
  const bool reviewed = turns_ > reloaded_in_ + 1;
  frontend_->forEachSession([&](const ClientSession& session) {
    const std::string who = "client " + std::to_string(session.facts().admitted.id.value);
    if (isOver(session)) {
      return;
    }
    if (now >= drain_until_) {
      broken("nobody is left when a stop loses patience", who);
    }
    const bool revoked = revoked_at_ != kNever && session.facts().database == "two";
    if (!revoked && reviewed && session.facts().admitted.snapshot != snapshot_) {
      broken("everybody lives by the newest configuration", who);
    }
    if (revoked && shape_.on_revoke == config::OnRevoke::Close &&
        now - revoked_at_ > kRevokeGrace + kLongTurn) {
      broken("who is no longer allowed goes", who);
    }
    if (revoked && reviewed && shape_.on_revoke != config::OnRevoke::Keep &&
        (session.state() == State::Idle || session.state() == State::Login)) {
      broken("who is no longer allowed goes as soon as it is at rest", who);
    }
  });
}

/// No rule has more clients than it may, no uid more servers.
void World::checkRules() {
  std::map<std::string, std::size_t> clients;
  std::map<std::string, std::size_t> servers;
  frontend_->forEachSession([&](const ClientSession& session) {
    ++clients[session.facts().rule->name];  // Until its descriptor is closed.
    servers[session.facts().rule->name] += session.serverId() ? 1U : 0U;
  });
  for (const auto& [rule, count] : clients) {
    if (count != surroundings_.limits().rules.countOf(rule)) {
      broken("rules count clients", std::to_string(count) + " of rule " + rule);
    }
    if (shape_.clients && count > *shape_.clients) {
      broken("clients of a rule", std::to_string(count) + " of rule " + rule);
    }
    if (shape_.servers_per_uid && servers[rule] > *shape_.servers_per_uid) {
      broken("servers_per_uid", std::to_string(servers[rule]) + " by rule " + rule);
    }
  }
}

}  // namespace peerpool::simulation
