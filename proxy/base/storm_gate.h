// Keeps a storm of equal events (a peer that is denied over and over) from flooding a log: the
// first few of each window may be written, the others are counted.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/clock.h"

namespace peerpool {

/// Which events are equal.
struct StormKey {
  std::string_view event;  ///< A literal: "client denied".
  uid_t uid = 0;           ///< (uid_t)-1: of nobody in particular.
  std::string_view kind;   ///< What `subject` is; a literal: "rule", "limit".
  std::string subject;
  std::string listener;
  // NOLINTNEXTLINE(modernize-use-nullptr): there is none here
  friend auto operator<=>(const StormKey&, const StormKey&) = default;
};

/// Any thread. Writes nothing itself, and reads no clock.
class StormGate {
 public:
  struct Limits {
    std::size_t lines = 5;  ///< Of each key in each window.
    Duration window{1000};
    std::size_t keys = 256;  ///< More share one key, `kOthers`.
  };
  /// What was held back of one key since it was last told.
  struct Held {
    StormKey key;
    std::uint64_t suppressed = 0;
  };

  explicit StormGate(const Limits& limits) : limits_(limits) {}
  StormGate() : StormGate(Limits{}) {}

  /// `alarm` is told from any thread when something is held back for the first time: takeHeld() is
  /// to be called at `due`. Set it before the first admits().
  void setAlarm(std::function<void(TimePoint due)> alarm) { alarm_ = std::move(alarm); }

  /// May this event be written? If not, it is counted.
  [[nodiscard]] bool admits(const StormKey& key, TimePoint now);

  /// What was held back and is to be told by `now`; kNever: all of it.
  [[nodiscard]] std::vector<Held> takeHeld(TimePoint now);
  /// When takeHeld() has something next; kNever: nothing is held back.
  [[nodiscard]] TimePoint due() const;
  [[nodiscard]] std::size_t size() const;

  /// Subject of what came while the table was full.
  static constexpr std::string_view kOthers = "(others)";

 private:
  struct Entry {
    TimePoint window_end;
    std::size_t lines = 0;
    std::uint64_t suppressed = 0;
    TimePoint tell_at = kNever;  // While something is suppressed.
  };
  [[nodiscard]] Entry& entryOf(const StormKey& key, TimePoint now);
  void forgetEnded(TimePoint now);

  const Limits limits_;
  std::function<void(TimePoint due)> alarm_;
  mutable std::mutex mutex_;
  std::map<StormKey, Entry> entries_;  // By mutex_.
  TimePoint due_ = kNever;             // By mutex_: the earliest tell_at.
};

}  // namespace peerpool
