#include "proxy/postgres/tracked_parameters.h"

#include <algorithm>

#include "proxy/postgres/sql_scanner.h"

namespace peerpool::postgres {

bool sameIgnoringCase(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return foldLetter(x) == foldLetter(y); });
}

std::optional<std::size_t> trackedIndex(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(kTrackedParameters.begin(), kTrackedParameters.end(),
                   [&](std::string_view tracked) { return sameIgnoringCase(tracked, name); });
  if (found == kTrackedParameters.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - kTrackedParameters.begin());
}

}  // namespace peerpool::postgres
