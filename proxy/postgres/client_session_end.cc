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
  setState(State::Closing);  // Its places go back with its descriptor.
  transport_.queue(fatal);
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientSession::leave(std::string_view reason) {
  leaveServer();
  logClosed(LogLevel::Info, reason);
  setState(State::Gone);
  host_.remove(*this);
}

/// Whoever got the descriptor from it has not been let in.
void ClientSession::watchProcess() {
  if (!facts_.admitted.process) {
    return;
  }
  process_ =
      std::make_unique<ProcessWatch>(host_.loop(), std::move(facts_.admitted.process), [this] {
        if (state_ != State::Closing && state_ != State::Gone) {
          refuse(makeFatal("57P01", "the process that connected has ended"),
                 "the process that connected has ended");
        }
      });
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
  const auto owner_of_before = std::exchange(facts_.admitted.snapshot, snapshot);
  const config::PolicyRule& before = *std::exchange(facts_.rule, &rule);
  if (leaving_ != nullptr && leaving_->revokedOnly()) {
    leaving_.reset();
  }
  adoptTimes();
  countFor(before);  // Last: it may lead to a server.
}

void ClientSession::adoptTimes() {
  const config::RuleLimits& limits = facts_.rule->limits;
  if (timer_ != nullptr) {
    timer_->setLimits(limits);
    return;
  }
  if (state_ == State::Login || state_ == State::Closing || state_ == State::Gone) {
    return;  // Not welcomed yet: that starts it. Or it is over.
  }
  startTimer(facts_.admitted.accepted_at);
  if (timer_ == nullptr) {
    return;
  }
  const TimePoint now = host_.loop().now();
  if (state_ != State::Linked) {
    tellTimer();
  } else if (server().tracker().idle()) {
    timer_->onReady(server().transactionStatus(), false, now);
  } else {
    timer_->onRequest(now);
  }
}

void ClientSession::endAtRest(Leaving::Cause cause, std::string fatal, std::string reason,
                              TimePoint deadline) {
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
  leaving_->promise(cause, std::move(fatal), std::move(reason), deadline);
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
    endAtRest(Leaving::Cause::Final, makeFatal(verdict.sqlstate, verdict.message), verdict.message,
              host_.loop().now() + kSessionGrace);
  } else {
    refuse(makeFatal(verdict.sqlstate, verdict.message), verdict.message);
  }
}

}  // namespace peerpool::postgres
