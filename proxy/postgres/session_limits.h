// How long a session may take for what: the times of a rule's limits:. Pure: told what happens and
// when, it says what is due.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/limits.h"
#include "proxy/base/clock.h"
#include "proxy/base/limit_hits.h"

namespace peerpool::postgres {

///   phase         | entered when                                   | what runs
///   --------------+------------------------------------------------+-----------------------------
///   Idle          | login; all is answered, outside of a           | client_idle
///                 | transaction                                    |
///   Waiting       | a request waits for a server                   | nothing: it is not its fault
///   Busy          | a request was passed on                        | query, transaction
///   Canceling     | a query took too long and is being cancelled   | kCancelGrace, transaction
///   InTransaction | all is answered, inside of a transaction       | idle_in_transaction,
///                 |                                                | transaction
///
/// In every phase: max_session.
class SessionLimits {
 public:
  enum class Phase : std::uint8_t { Idle, Waiting, Busy, Canceling, InTransaction };
  enum class Due : std::uint8_t {
    Nothing,
    Query,            ///< Cancel it; the session goes on. Comes once for each.
    QueryUnanswered,  ///< The backend did not answer the cancel: end the session.
    Transaction,      ///< End it.
    IdleInTransaction,
    ClientIdle,
    MaxSession,  ///< End it at its next sync point. Comes once.
  };

  /// How long a backend may take to answer a cancel.
  static constexpr Duration kCancelGrace{5000};

  /// Is there a time among them?
  [[nodiscard]] static bool any(const config::RuleLimits& limits) noexcept;

  /// Keeps a copy of `limits`: a session may outlive the configuration that it began under.
  SessionLimits(const config::RuleLimits& limits, TimePoint login) noexcept
      : limits_(limits), login_at_(login), since_(login) {}

  /// A request waits for a server; or, without one, what looked like it is none.
  void onWaiting() noexcept;
  void onNothingToDo() noexcept;
  /// Something that must be answered was passed on; only the first counts.
  void onRequest(TimePoint now) noexcept;
  /// ReadyForQuery with `status`; `more`: other requests are unanswered.
  void onReady(char status, bool more, TimePoint now) noexcept;

  /// The earliest time at which something may be due.
  [[nodiscard]] TimePoint deadline() const noexcept;
  /// What is due at `now`, what ends the session first.
  [[nodiscard]] Due due(TimePoint now) noexcept;

  /// After a reload; what has begun is measured from its beginning.
  void setLimits(const config::RuleLimits& limits) noexcept;
  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] const config::RuleLimits& limits() const noexcept { return limits_; }

 private:
  [[nodiscard]] TimePoint phaseDeadline() const noexcept;
  [[nodiscard]] TimePoint transactionDeadline() const noexcept;
  [[nodiscard]] TimePoint sessionDeadline() const noexcept;

  config::RuleLimits limits_;
  TimePoint login_at_;
  TimePoint since_;              // Of the phase; Waiting keeps that of Idle.
  TimePoint transaction_since_;  // Meaningful while in_transaction_.
  Phase phase_ = Phase::Idle;
  bool in_transaction_ = false;  // A block, or one that a request opens for itself.
  bool ending_ = false;          // MaxSession was due.
};

/// What a client is told when a limit is hit, and where that is counted.
struct LimitVerdict {
  Limit limit = Limit::Query;
  std::string_view sqlstate;
  std::string message;  ///< Names the setting and its value.
};

/// `due` is not Nothing; the limit it stands for has a value in `limits`.
[[nodiscard]] LimitVerdict verdictOf(SessionLimits::Due due, std::string_view rule,
                                     const config::RuleLimits& limits);

}  // namespace peerpool::postgres
