// Functions of PostgreSQL that leave nothing in the session that calls them, and words that only
// look like functions.

#pragma once

#include <string_view>

namespace peerpool::postgres {

/// `name` in lower case, seen in front of a bracket. False also for what is not known here.
[[nodiscard]] bool isHarmlessFunction(std::string_view name);

}  // namespace peerpool::postgres
