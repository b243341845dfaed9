// What became of a reload, as a value and as the JSON that `peerpool reload` is answered with.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/result.h"

namespace peerpool::admin {

struct ReloadReport {
  bool ok = false;
  std::uint64_t generation = 0;         ///< In force now.
  std::vector<std::string> complaints;  ///< FILE:LINE:COLUMN: mistakes and warnings, or a reason.
  std::vector<std::string> kept;        ///< Settings that need a restart.
  friend bool operator==(const ReloadReport&, const ReloadReport&) = default;
};

/// One JSON object on one line.
[[nodiscard]] std::string reloadJson(const ReloadReport& report);

/// Back again. Error (Protocol): it is none; with the text of an {"error": TEXT} document if it is
/// that.
[[nodiscard]] Result<ReloadReport> parseReloadJson(const std::string& json);

}  // namespace peerpool::admin
