// Promises of our own code. Input, peers and the system are never checked with this.

#pragma once

namespace peerpool {

/// Writes `message` to standard error and aborts; in all builds.
[[noreturn]] void checkFailed(const char* message) noexcept;

/// Aborts unless `promise` holds: going on with a broken invariant could give one client the data
/// of another.
inline void check(bool promise, const char* message) noexcept {
  if (!promise) [[unlikely]] {
    checkFailed(message);
  }
}

}  // namespace peerpool
