// What tests of limits ask again and again: how a refusal looks, and whether it was counted.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/scene.h"

namespace peerpool::testing {

/// The row of `peerpool status limits`: "listeners.limits.clients".
[[nodiscard]] std::uint64_t hitsOf(const Scene& scene, const std::string& setting);

/// All rows that were hit, with how often.
[[nodiscard]] std::map<std::string, std::uint64_t> allHits(const Scene& scene);

/// A refused connect as a client sees it: SQLSTATE 53300 and exactly `text`.
void checkRefused(const Pq& client, const std::string& text);

/// Is `text` all that a message of libpq says of a FATAL of SQLSTATE 53300?
[[nodiscard]] bool says(const std::string& message, const std::string& text);

/// A startup packet for role app and database shop.
[[nodiscard]] std::string appStartup();

/// Waits for an end of the connection that is not ours; returns the last message's field.
struct LastWords {
  bool closed = false;
  std::string severity;
  std::string sqlstate;
  std::string message;
};
[[nodiscard]] LastWords lastWords(RawClient& client);

/// `count` sessions of `as` that are logged in and idle.
[[nodiscard]] std::vector<Pq> idleSessions(const Scene& scene, std::size_t count,
                                           const Credentials& as);

/// CPU time of a process since its start.
[[nodiscard]] std::chrono::milliseconds cpuTime(pid_t pid);

}  // namespace peerpool::testing
