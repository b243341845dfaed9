// How often each limit of the configuration turned somebody away: one counter for each row of the
// table of limits. Which of several listeners or rules it was is in the log.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace peerpool {

enum class Limit : std::uint8_t {
  MaxClients,
  ListenerClients,
  ListenerClientsPerUid,
  ConnectRatePerUid,
  LoginTimeout,
  RuleClients,
  RuleClientsPerUid,
  ServersPerUid,
  Query,
  Transaction,
  IdleInTransaction,
  ClientIdle,
  MaxSession,
  WaitTimeout,
};

/// The setting of each, in the order of Limit.
inline constexpr std::array<std::string_view, 14> kLimitSettings = {
    "process.max_clients",
    "listeners.limits.clients",
    "listeners.limits.clients_per_uid",
    "listeners.limits.connect_rate_per_uid",
    "listeners.limits.login_timeout",
    "rules.limits.clients",
    "rules.limits.clients_per_uid",
    "rules.limits.servers_per_uid",
    "rules.limits.query",
    "rules.limits.transaction",
    "rules.limits.idle_in_transaction",
    "rules.limits.client_idle",
    "rules.limits.max_session",
    "pools.wait_timeout",
};

/// Any thread. One for the process, outlives whoever counts.
class LimitHits {
 public:
  void count(Limit limit) noexcept {
    hits_[static_cast<std::size_t>(limit)].fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t of(Limit limit) const noexcept {
    return hits_[static_cast<std::size_t>(limit)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kLimitSettings.size()> hits_{};
};

}  // namespace peerpool
