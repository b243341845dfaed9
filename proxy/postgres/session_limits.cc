#include "proxy/postgres/session_limits.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/units.h"
#include "proxy/base/check.h"

namespace peerpool::postgres {
namespace {

TimePoint after(TimePoint since, std::optional<Duration> limit) noexcept {
  return limit ? since + *limit : kNever;
}

}  // namespace

bool SessionLimits::any(const config::RuleLimits& limits) noexcept {
  return limits.query || limits.transaction || limits.idle_in_transaction || limits.client_idle ||
         limits.max_session;
}

void SessionLimits::onWaiting() noexcept {
  if (phase_ == Phase::Idle) {
    phase_ = Phase::Waiting;
  }
}

void SessionLimits::onNothingToDo() noexcept {
  if (phase_ == Phase::Waiting) {
    phase_ = Phase::Idle;
  }
}

void SessionLimits::onRequest(TimePoint now) noexcept {
  if (phase_ == Phase::Busy || phase_ == Phase::Canceling) {
    return;
  }
  phase_ = Phase::Busy;
  since_ = now;
  if (!in_transaction_) {
    in_transaction_ = true;
    transaction_since_ = now;
  }
}

void SessionLimits::onReady(char status, bool more, TimePoint now) noexcept {
  since_ = now;
  if (status == 'I') {
    in_transaction_ = more;
    transaction_since_ = now;
    phase_ = more ? Phase::Busy : Phase::Idle;
  } else {
    phase_ = more ? Phase::Busy : Phase::InTransaction;
  }
}

TimePoint SessionLimits::phaseDeadline() const noexcept {
  switch (phase_) {
    case Phase::Idle:
      return after(since_, limits_.client_idle);
    case Phase::Waiting:
      return kNever;
    case Phase::Busy:
      return after(since_, limits_.query);
    case Phase::Canceling:
      return since_ + kCancelGrace;
    case Phase::InTransaction:
      return after(since_, limits_.idle_in_transaction);
  }
  checkFailed("unknown SessionLimits::Phase");
}

TimePoint SessionLimits::transactionDeadline() const noexcept {
  return in_transaction_ ? after(transaction_since_, limits_.transaction) : kNever;
}

TimePoint SessionLimits::sessionDeadline() const noexcept {
  return ending_ ? kNever : after(login_at_, limits_.max_session);
}

TimePoint SessionLimits::deadline() const noexcept {
  return std::min({phaseDeadline(), transactionDeadline(), sessionDeadline()});
}

SessionLimits::Due SessionLimits::due(TimePoint now) noexcept {
  if (now >= transactionDeadline()) {
    return Due::Transaction;
  }
  if (now >= sessionDeadline()) {
    ending_ = true;
    return Due::MaxSession;
  }
  if (now < phaseDeadline()) {
    return Due::Nothing;
  }
  switch (phase_) {
    case Phase::Idle:
      return Due::ClientIdle;
    case Phase::Waiting:
      return Due::Nothing;
    case Phase::Busy:
      phase_ = Phase::Canceling;
      since_ = now;
      return Due::Query;
    case Phase::Canceling:
      return Due::QueryUnanswered;
    case Phase::InTransaction:
      return Due::IdleInTransaction;
  }
  checkFailed("unknown SessionLimits::Phase");
}

LimitVerdict verdictOf(SessionLimits::Due due, std::string_view rule,
                       const config::RuleLimits& limits) {
  const auto make = [&](Limit limit, std::string_view sqlstate, std::string_view what,
                        std::string_view key, std::optional<Duration> value) {
    std::string message(what);
    message.append(": rules.\"").append(rule).append("\".limits.").append(key);
    if (value) {  // A reload may have taken it away while the backend is asked to cancel.
      message.append(": ").append(config::printDuration(*value));
    }
    return LimitVerdict{limit, sqlstate, std::move(message)};
  };
  constexpr std::string_view kStatement = "canceling statement";
  constexpr std::string_view kConnection = "terminating connection";
  switch (due) {
    case SessionLimits::Due::Query:
      return make(Limit::Query, "57014", kStatement, "query", limits.query);
    case SessionLimits::Due::QueryUnanswered:
      return make(Limit::Query, "57014", kConnection, "query", limits.query);
    case SessionLimits::Due::Transaction:
      return make(Limit::Transaction, "25P04", kConnection, "transaction", limits.transaction);
    case SessionLimits::Due::IdleInTransaction:
      return make(Limit::IdleInTransaction, "25P03", kConnection, "idle_in_transaction",
                  limits.idle_in_transaction);
    case SessionLimits::Due::ClientIdle:
      return make(Limit::ClientIdle, "57P05", kConnection, "client_idle", limits.client_idle);
    case SessionLimits::Due::MaxSession:
      return make(Limit::MaxSession, "57P05", kConnection, "max_session", limits.max_session);
    case SessionLimits::Due::Nothing:
      break;
  }
  checkFailed("no limit is due");
}

}  // namespace peerpool::postgres
