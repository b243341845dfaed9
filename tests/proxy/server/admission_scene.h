// The front door with real sockets, made-up accounts and nobody behind it.

#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/server/admission.h"
#include "tests/proxy/server/server_fakes.h"

namespace peerpool::server {

inline config::PolicyRule ruleFor(config::Effect effect, uid_t uid) {
  config::PolicyRule rule;
  rule.name = effect == config::Effect::Allow ? "ours" : "not them";
  rule.effect = effect;
  rule.who.matcher.emplace();
  rule.who.matcher->uids.push_back({uid, uid});
  rule.listeners = {"pg"};
  if (effect == config::Effect::Allow) {
    rule.databases = {"*"};
    rule.roles = {"shop"};
  }
  rule.where = {"peerpool.yaml", 7, 3};
  return rule;
}

/// A policy that lets this process' account in, or only somebody else. One worker, that finds
/// nobody who can go.
struct AdmissionScene {
  explicit AdmissionScene(uid_t allowed = ::geteuid(), std::size_t max_clients = 10,
                          const config::ListenerLimits& limits = {}) {
    auto config = std::make_shared<config::Config>();
    config->backends.emplace_back().name = "main";
    config::Listener& listener = config->listeners.emplace_back();
    listener.name = "pg";
    listener.backend = "main";
    listener.limits = limits;
    config->rules.push_back(ruleFor(config::Effect::Allow, allowed));
    FakeAccounts accounts;
    snapshot.reset(new auth::Snapshot{config, auth::Policy(config, accounts), 1});
    admission.emplace(
        Admission::Parts{loop,
                         log,
                         audit,
                         hits,
                         storms,
                         counts,
                         {max_clients, "process.max_clients: " + std::to_string(max_clients)},
                         {1,
                          [this](std::size_t, const auth::PlaceQuery& query, auto answer) {
                            asked_for_place.push_back(query.uid);
                            answer(candidate);
                          },
                          [this](std::size_t, ClientId client, const auto&, auto answer) {
                            answer(endClient(client));
                          }},
                         snapshot,
                         [this](uid_t uid) {
                           asked.push_back(uid);
                           return can_ask;
                         },
                         [this](auth::Admitted one) { admitted.push_back(std::move(one)); },
                         [this](const auth::Identity& peer, const config::Listener& at) {
                           floods.emplace_back(peer.uid, at.name);
                         },
                         auth::OverflowIds{}},
        UserNames::Limits{});
  }

  /// The other end stays open until the scene ends.
  void connect() {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    peers.emplace_back(pair[1]);
    admission->onAccepted(UniqueFd(pair[0]), snapshot->config->listeners[0]);
  }

  /// As a worker does it.
  auth::ClientPlaces endClient(ClientId client) {
    for (auth::Admitted& one : admitted) {
      if (one.id == client) {
        return std::move(one.places);
      }
    }
    return {};
  }

  LimitHits hits;
  StormGate storms;
  ClientCounts counts;
  std::vector<uid_t> asked_for_place;
  std::optional<auth::PlaceCandidate> candidate;
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  FakeLog log;
  FakeAudit audit;
  std::shared_ptr<const auth::Snapshot> snapshot;
  bool can_ask = true;
  std::vector<uid_t> asked;
  std::vector<auth::Admitted> admitted;
  std::vector<std::pair<uid_t, std::string>> floods;
  std::vector<UniqueFd> peers;
  std::optional<Admission> admission;
};

}  // namespace peerpool::server
