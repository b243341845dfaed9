// How a session comes to a server, and what limits mean for it: its turn, and the end of its place.

#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/client_session.h"
#include "proxy/postgres/refusal.h"

namespace peerpool::postgres {

void ClientSession::acquire() {
  if (!takeTurn()) {
    if (state_ != State::Login) {
      setState(State::Waiting);
    }
    return;
  }
  std::optional<pool::Lease> lease = pool_.acquire(*this, facts_.admitted.id, host_.loop().now());
  if (lease) {
    prepare(std::move(*lease));
  } else if (state_ != State::Login) {
    setState(State::Waiting);
  }
}

/// False: it waits until a server of its uid is given back.
bool ClientSession::takeTurn() {
  const config::PolicyRule& rule = *facts_.rule;
  if (!rule.limits.servers_per_uid) {
    return true;
  }
  if (turn_ == nullptr) {
    turn_ = std::make_unique<ServerTurn>(
        host_.loop(), host_.limits().servers.find(rule.name, facts_.admitted.identity.uid),
        [this](bool granted) { onTurn(granted); });
  }
  return turn_->take(*rule.limits.servers_per_uid,
                     host_.loop().now() + pool_.settings().wait_timeout);
}

bool ClientSession::mustWaitForTurn() const {
  const auto& limit = facts_.rule->limits.servers_per_uid;
  return limit && turn_ != nullptr && !turn_->hasRoom(*limit);
}

void ClientSession::onTurn(bool granted) {
  if (granted) {
    acquire();
    return;
  }
  const config::PolicyRule& rule = *facts_.rule;
  const auth::LimitReached limit{
      Limit::ServersPerUid,
      auth::ruleSetting(rule.name, "servers_per_uid", rule.limits.servers_per_uid.value_or(0))};
  hitLimit(host_, facts_.admitted, limit.limit);
  refuse(makeFatal("53300", describe(limit)), limit.setting);
}

bool ClientSession::mayGo() const noexcept {
  const bool rests = state_ == State::Login || (state_ == State::Idle && !transport_.inputWaits());
  return rests && facts_.admitted.places.process;
}

auth::ClientPlaces ClientSession::giveUpPlace(const auth::LimitReached& limit) {
  check(mayGo(), "a client gives up its place that it has");
  auth::ClientPlaces places = std::move(facts_.admitted.places);
  hitLimit(host_, facts_.admitted, limit.limit);
  refuse(makeFatal("53300", describePlaceGiven(limit)),
         std::string(limit.setting).append(": ").append(auth::kPlaceGiven));
  return places;
}

}  // namespace peerpool::postgres
