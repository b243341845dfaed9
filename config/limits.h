// Limits as the operator wrote them: what a listener and a rule grant at most. Counting and timing
// them is the business of admission and sessions.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace peerpool::config {

using Duration = std::chrono::milliseconds;

/// "100/s": at most `count` in each `period`.
struct Rate {
  std::size_t count = 0;
  Duration period{1000};
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// limits: of a listener. What has no value is not limited.
struct ListenerLimits {
  std::optional<std::size_t> clients;          ///< From accept to close.
  std::optional<std::size_t> clients_per_uid;  ///< The same, for each uid.
  std::optional<Rate> connect_rate_per_uid;    ///< Accepted connections of each uid.
  Duration login_timeout{10'000};              ///< From accept to the end of login.
  friend bool operator==(const ListenerLimits&, const ListenerLimits&) = default;
};

/// limits: of a rule. What has no value is not limited.
struct RuleLimits {
  std::optional<std::size_t> clients;           ///< Logged in by this rule.
  std::optional<std::size_t> clients_per_uid;   ///< The same, for each uid.
  std::optional<std::size_t> servers_per_uid;   ///< Servers that one uid's clients hold together.
  std::optional<Duration> query;                ///< From a request to the end of its answer.
  std::optional<Duration> transaction;          ///< From begin to end.
  std::optional<Duration> idle_in_transaction;  ///< Between requests inside a transaction.
  std::optional<Duration> client_idle;          ///< Between requests outside of one.
  std::optional<Duration> max_session;          ///< From login on.
  friend bool operator==(const RuleLimits&, const RuleLimits&) = default;
};

}  // namespace peerpool::config
