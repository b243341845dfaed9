// The table of what CONFIG.md and later versions have and this version does not: a key that is not
// enforced is an error, never ignored.

#pragma once

#include <string_view>

namespace peerpool::config {

/// Is `key` of `section` (a name as MapReader has it), or with a `value` only that value of it,
/// known but not enforced by this version?
[[nodiscard]] bool isNotEnforced(std::string_view section, std::string_view key,
                                 std::string_view value = {}) noexcept;

}  // namespace peerpool::config
