// The status document as aligned columns for people.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/clock.h"
#include "proxy/base/result.h"

namespace peerpool::admin {

/// One column: what stands above it, and on which side its cells begin.
struct Column {
  std::string_view heading;
  bool numeric = false;  ///< Aligned to the right.
};

/// Headings and rows in columns of equal width, two spaces apart, no spaces at line ends. Each row
/// has as many cells as there are columns; an empty cell shows as "-". Width counts characters of
/// UTF-8.
[[nodiscard]] std::string formatTable(const std::vector<Column>& columns,
                                      const std::vector<std::vector<std::string>>& rows);

/// "12ms", "3.4s", "5m03s", "2h05m", "3d04h".
[[nodiscard]] std::string formatAge(Duration age);

/// Tables of what is in `json`, which statusJson() made. All parts together get a first line
/// about the process and a heading each. Error: the document is not one of ours (Protocol), or says
/// that there was an error (Refused).
[[nodiscard]] Result<std::string> statusTables(const std::string& json);

}  // namespace peerpool::admin
