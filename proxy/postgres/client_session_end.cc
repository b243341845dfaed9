// How a session ends: the client leaves, is refused, has taken too long, or is to go.

#include <string>
#include <utility>

#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/client_session.h"
#include "proxy/postgres/refusal.h"

namespace peerpool::postgres {
namespace {

// How long a client may take to read its last message.
constexpr Duration kFarewell{2000};

// How long a session may go on to its next sync point after max_session.
constexpr Duration kSessionGrace{10'000};

}  // namespace

void ClientSession::leaveServer() {
  Waiter::leave();
  if (turn_ != nullptr) {
    turn_->leave();
  }
  if (link_) {
    const bool half_sent = state_ == State::Linked && !scanner_.atBoundary();
    pool::Lease lease = link_->takeLease();
    link_.reset();
    if (half_sent) {
      // The rest of the message will not come: nothing more can be said to this server.
      static_cast<ServerSession&>(lease.server()).cutOff();
      lease.discard();
    } else {
      host_.recover(std::move(lease));
    }
  }
  // Idle servers that no other client has used since may still hold its locks and LISTENs.
  while (auto used = pool_.takeUsedBy(facts_.admitted.id, host_.loop().now())) {
    host_.recover(std::move(*used));
  }
}

void ClientSession::onEnd(const Error& error) {
  if (state_ == State::Closing) {
    setState(State::Gone);
    host_.remove(*this);
  } else if (state_ != State::Gone) {
    leave(error.code == ErrorCode::Closed ? "went away" : error.text);
  }
}

void ClientSession::refuse(std::string_view fatal, std::string_view reason) {
  if (state_ == State::Linked && link_ && link_->inAnswer()) {
    fatal = {};  // It would become a part of the message that was passed on in part.
  }
  leaveServer();
  logClosed(LogLevel::Warning, reason);
  facts_.admitted.places = {};
  facts_.rule_place.reset();
  setState(State::Closing);
  transport_.queue(fatal);
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientSession::leave(std::string_view reason) {
  leaveServer();
  logClosed(LogLevel::Info, reason);
  setState(State::Gone);
  host_.remove(*this);
}

void ClientSession::shutDown() {
  if (state_ != State::Closing && state_ != State::Gone) {
    refuse(makeShutdown(), "shutdown");
  }
}

void ClientSession::adopt(const std::shared_ptr<const auth::Snapshot>& snapshot,
                          const config::PolicyRule& rule) {
  const config::Listener* listener =
      config::findListener(*snapshot->config, facts_.admitted.listener->name);
  facts_.admitted.listener = listener;  // There is one: only through it the rule lets anybody in.
  facts_.rule = &rule;
  facts_.admitted.snapshot = snapshot;
  if (timer_ != nullptr) {
    timer_->setLimits(rule.limits);
    return;
  }
  const bool busy = state_ == State::Linked;
  if (state_ != State::Idle && state_ != State::Waiting && state_ != State::Preparing && !busy) {
    return;  // Not welcomed yet: that starts it. Or it is over.
  }
  startTimer(facts_.admitted.accepted_at);
  if (timer_ != nullptr && busy) {
    timer_->onRequest(host_.loop().now());
    if (server().tracker().idle()) {  // It holds its server between requests.
      timer_->onReady(server().transactionStatus(), false, host_.loop().now());
    }
  } else {
    setState(state_);
  }
}

void ClientSession::endAtRest(std::string fatal, std::string reason, TimePoint deadline) {
  if (state_ == State::Closing || state_ == State::Gone) {
    return;
  }
  if (leaving_ == nullptr) {
    leaving_ = std::make_unique<Leaving>(host_.loop().timers(),
                                         [this](std::string_view last_words, std::string_view why) {
                                           if (state_ != State::Closing && state_ != State::Gone) {
                                             refuse(last_words, why);
                                           }
                                         });
  }
  leaving_->promise(std::move(fatal), std::move(reason), deadline);
  const bool at_rest = state_ == State::Linked && server().atRest() && scanner_.atBoundary();
  if (at_rest || state_ == State::Idle || state_ == State::Login) {
    leaving_->carryOut();
  }
}

/// At a sync point outside of a transaction.
bool ClientSession::endIfLeaving() {
  if (leaving_ == nullptr) {
    return false;
  }
  leaving_->carryOut();
  return true;
}

void ClientSession::logClosed(LogLevel level, std::string_view reason) {
  const auto age =
      std::chrono::duration_cast<Duration>(host_.loop().now() - facts_.admitted.accepted_at);
  logClient(host_.log(), level, "client closed", facts_.admitted,
            {{"reason", std::string(reason)}, {"age_ms", std::to_string(age.count())}});
  auditEnd(host_, facts_, connector_.key(), reason);
}

void ClientSession::onLimit(SessionLimits::Due due) {
  if (state_ == State::Closing || state_ == State::Gone) {
    return;
  }
  const LimitVerdict verdict = verdictOf(due, facts_.rule->name, timer_->limits());
  if (due != SessionLimits::Due::QueryUnanswered) {  // Counted when it was to be cancelled.
    hitLimit(host_, facts_.admitted, verdict.limit);
  }
  if (due == SessionLimits::Due::Query) {
    logClient(host_.log(), LogLevel::Warning, "statement canceled", facts_.admitted,
              {{"reason", verdict.message}});
    link_->cancelStatement(makeError(verdict.sqlstate, verdict.message), scanner_);
  } else if (due == SessionLimits::Due::MaxSession) {
    endAtRest(makeFatal(verdict.sqlstate, verdict.message), verdict.message,
              host_.loop().now() + kSessionGrace);
  } else {
    refuse(makeFatal(verdict.sqlstate, verdict.message), verdict.message);
  }
}

}  // namespace peerpool::postgres
