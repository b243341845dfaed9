// uid to account name for the front door: cached, and never waited for. Main thread only; the
// lookup itself is somebody else's (the resolver's).

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/clock.h"

namespace peerpool::server {

/// Concurrent questions about one uid share one lookup. What is not found out in time is unknown,
/// an empty name: then no `${user}` matches.
class UserNames {
 public:
  struct Limits {
    Duration keep{60'000};     ///< How long an answer is believed.
    Duration patience{5'000};  ///< How long an admission waits for a lookup.
    std::size_t entries = 4096;
  };
  using Done = std::function<void(const std::string& name)>;
  /// Begins a lookup, whose end is told by onResolved(). False: cannot be begun now.
  using Lookup = std::function<bool(uid_t uid)>;

  UserNames(Lookup lookup, const Limits& limits);

  /// Calls `done` once: at once when the name is known or cannot be looked up, else later from
  /// onResolved() or expire().
  void find(uid_t uid, TimePoint now, Done done);

  /// The end of a lookup. No value: it failed, and the next question asks anew. An empty name: the
  /// account has none, which is remembered like a name.
  void onResolved(uid_t uid, std::optional<std::string> name, TimePoint now);

  /// Lets those go on without a name who waited too long. Call at deadline().
  void expire(TimePoint now);
  /// The earliest end of patience, or kNever.
  [[nodiscard]] TimePoint deadline() const noexcept;

 private:
  struct Known {
    std::string name;
    TimePoint until;
  };
  struct Pending {
    TimePoint deadline;
    std::vector<Done> waiting;
  };
  void remember(uid_t uid, std::string name, TimePoint now);

  Lookup lookup_;
  Limits limits_;
  std::map<uid_t, Known> known_;
  std::map<uid_t, Pending> pending_;
};

}  // namespace peerpool::server
