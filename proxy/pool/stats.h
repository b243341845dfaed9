// What a pool tells about itself, as numbers.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace peerpool::pool {

/// A snapshot. Counts are of now; totals are since the pool was made.
struct PoolStats {
  std::size_t clients = 0;  ///< Attached, with or without a server.
  std::size_t waiting = 0;  ///< Clients in the queue.
  std::size_t login = 0;    ///< Servers being opened.
  std::size_t idle = 0;
  std::size_t active = 0;   ///< Linked to a client, or being reset by the session that had it.
  std::size_t closing = 0;  ///< Told to end, the backend has not yet done so.
  std::size_t size = 0;     ///< The most that login, idle, active and closing may be together.
  bool starved = false;     ///< Clients wait, and the backend's budget has no place left.
  std::chrono::microseconds longest_wait{0};  ///< Of the first client in the queue, until now.

  std::uint64_t leases = 0;  ///< Servers handed to clients.
  std::uint64_t waits = 0;   ///< Clients that had to queue.
  std::uint64_t wait_timeouts = 0;
  std::uint64_t logins = 0;  ///< Successful ones.
  std::uint64_t login_failures = 0;
  std::chrono::microseconds wait_time{0};  ///< Of all clients whose wait has ended.
  std::string last_failure;    ///< Of the last login, while logins are failing; for operators only.
  bool backend_fails = false;  ///< It concerns the backend, not only this pool.
  std::chrono::milliseconds failing_for{0};   ///< Since the first of the failing logins began.
  std::chrono::milliseconds next_attempt{0};  ///< Until then no login; 0: when a client asks.
};

}  // namespace peerpool::pool
