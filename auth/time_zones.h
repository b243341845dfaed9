// The tz database of this system: reads its files, each once.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "auth/time_zone.h"

namespace peerpool::auth {

/// Where it is, unless the system says otherwise.
inline constexpr char kZoneDirectory[] = "/usr/share/zoneinfo";

class TimeZones {
 public:
  explicit TimeZones(std::string directory = kZoneDirectory) : directory_(std::move(directory)) {}

  using Found = Result<std::shared_ptr<const TimeZone>>;
  /// `name` is one of the database ("Europe/Berlin", "UTC"), never a way out of its directory.
  /// Error: why not. Reads a file.
  [[nodiscard]] const Found& find(const std::string& name);

 private:
  [[nodiscard]] Found load(const std::string& name) const;
  std::string directory_;
  std::map<std::string, Found> known_;
};

}  // namespace peerpool::auth
