// A time zone of the tz database: what its clocks showed, show and will show. Pure: who reads the
// files is TimeZones. g++ 12 has no std::chrono::time_zone, and ICU or a process-wide TZ for
// localtime_r(3) would be far more than the two functions that are needed here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "auth/posix_zone.h"
#include "proxy/base/bytes.h"
#include "proxy/base/result.h"

namespace peerpool::auth {

/// A value; immutable.
class TimeZone {
 public:
  /// The largest file: real ones have less than 4 KiB.
  static constexpr std::size_t kMaxFileSize = std::size_t{64} * 1024;

  /// A file in the format TZif, version 2 or later (RFC 8536). Error (Protocol): what is wrong with
  /// it, as the end of a sentence.
  [[nodiscard]] static Result<TimeZone> parse(ByteView file);

  /// `utc`: seconds since 1970, at most PosixZone::kFarthest away from it.
  [[nodiscard]] ZoneOffset offsetAt(std::int64_t utc) const;

 private:
  struct Transition {
    std::int64_t at = 0;
    std::int32_t offset = 0;
  };
  std::vector<Transition> transitions_;  // Ascending.
  std::int32_t first_offset_ = 0;        // Before all of them.
  std::optional<PosixZone> afterwards_;  // None: as after the last one.
};

}  // namespace peerpool::auth
