// How a session comes to a server, what it is told while it waits, and what limits mean for it: its
// turn, and the end of its place.

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

/// From a request to its server: Preparing belongs to it, as the server may turn out to be broken.
void ClientSession::noticeWait() {
  if (state_ == State::Waiting) {
    const Duration patience = pool_.settings().wait_notice;
    if (patience == Duration::zero()) {
      return;
    }
    if (wait_notice_ == nullptr) {
      WaitingSession& session = *this;
      wait_notice_ = std::make_unique<WaitNotice>(host_.loop().timers(), session);
    }
    wait_notice_->begin(host_.loop().now(), patience);
  } else if (state_ != State::Preparing && wait_notice_ != nullptr && !wait_notice_->end()) {
    wait_notice_.reset();
  }
}

/// Only whole messages were sent to it: it waits between two answers.
void ClientSession::onLongWait(Duration patience) { transport_.queue(makeWaitNotice(patience)); }

/// False: it waits until a server of its uid is given back.
bool ClientSession::takeTurn() {
  const config::PolicyRule& rule = *facts_.rule;
  if (!rule.limits.servers_per_uid) {
    return true;
  }
  if (turn_ == nullptr) {
    makeTurn();
  }
  return turn_->take(*rule.limits.servers_per_uid,
                     host_.loop().now() + pool_.settings().wait_timeout);
}

void ClientSession::makeTurn() {
  turn_ = std::make_unique<ServerTurn>(
      host_.loop(), host_.limits().servers.find(facts_.rule->name, facts_.admitted.identity.uid),
      [this](bool granted) { onTurn(granted); });
}

/// After a reload: what it holds counts for its rule as it is now, and no more for `before`. That
/// may be more than the rule permits: then it is who comes next that finds no room.
void ClientSession::countFor(const config::PolicyRule& before) {
  const config::PolicyRule& rule = *facts_.rule;
  const uid_t uid = facts_.admitted.identity.uid;
  if (rule.name != before.name && facts_.rule_place) {
    facts_.rule_place = std::move(host_.limits().rules.take(rule.name, uid, {}).place);
  }
  const std::optional<std::size_t> limit = rule.limits.servers_per_uid;
  if (rule.name == before.name && limit == before.limits.servers_per_uid) {
    return;
  }
  const std::unique_ptr<ServerTurn> left = std::move(turn_);
  const std::optional<TimePoint> waits_until = left == nullptr ? std::nullopt : left->waitsUntil();
  const bool has_server = link_ || Waiter::waiting();
  if (limit && (has_server || waits_until)) {
    makeTurn();
  }
  if (has_server && limit) {
    turn_->takeAnyway();
  }
  if (link_) {
    link_->charge(limit ? turn_->makeCharge() : nullptr);
  }
  if (waits_until) {
    left->leave();
    if (!limit || turn_->take(*limit, *waits_until)) {
      acquire();
    }
  }
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
