// What a denial means.

#pragma once

#include <cstdint>

namespace peerpool::config {

/// mode: Enforce denies; Audit only records what would be denied, until a date.
enum class Mode : std::uint8_t { Enforce, Audit };

/// The name of what lets in while the mode is Audit, where otherwise a rule's is.
inline constexpr char kAuditModeRule[] = "mode: audit";

}  // namespace peerpool::config
