// When a rule holds: its `when:` with the time zones that it names. Pure once it is made.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/time_zones.h"
#include "auth/truth.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Immutable; may be moved.
class Schedule {
 public:
  /// Of `rule`, whose key is `path`. Notes in `problems` each zone that cannot be had.
  Schedule(const config::PolicyRule& rule, TimeZones& zones, config::Diagnostics& problems,
           const std::string& path);

  /// Without windows it always holds.
  [[nodiscard]] bool always() const noexcept { return windows_.empty(); }

  /// Unknown when the time is, and there are windows.
  [[nodiscard]] Truth holdsAt(const config::Moment& moment) const;

  /// In words, when it is not Yes.
  [[nodiscard]] std::string whyNot(const config::Moment& moment) const;

  /// How long what holdsAt() says of `instant` stays true for sure: until some window may begin or
  /// end, or a clock be put forward or back; a day at most. No value: for ever.
  [[nodiscard]] std::optional<std::chrono::seconds> staysFor(config::Instant instant) const;

 private:
  struct Window {
    config::TimeWindow hours;
    std::shared_ptr<const TimeZone> zone;
  };
  std::vector<Window> windows_;
};

}  // namespace peerpool::auth
