// "5s", "64", "0660", "20000-20099" to typed values and back. Pure; who says what a text should
// have been is the caller.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/model.h"

namespace peerpool::config {

/// The longest duration: a deadline further away is a mistake, and this far none overflows.
inline constexpr Duration kLongestDuration = std::chrono::hours{24 * 365};

/// Decimal digits without sign, space or leading zero, at most `largest`.
[[nodiscard]] std::optional<std::uint64_t> parseNumber(std::string_view text,
                                                       std::uint64_t largest = UINT64_MAX) noexcept;

/// A number and one of ms, s, m, h, d: "250ms", "10m"; from 1ms to kLongestDuration.
[[nodiscard]] std::optional<Duration> parseDuration(std::string_view text) noexcept;
/// In the largest unit that is exact.
[[nodiscard]] std::string printDuration(Duration duration);

/// "100/s": a count of at least 1, for each s, m or h.
[[nodiscard]] std::optional<Rate> parseRate(std::string_view text) noexcept;
[[nodiscard]] std::string printRate(Rate rate);

/// Three or four octal digits: "660", "0660", "2750".
[[nodiscard]] std::optional<mode_t> parseMode(std::string_view text) noexcept;
/// Always four digits.
[[nodiscard]] std::string printMode(mode_t mode);

/// One id, or an inclusive range "a-b" with a <= b. Never contains 4294967295: the kernel's
/// (uid_t)-1 means "no identity" and must not be compared as a number.
[[nodiscard]] std::optional<IdRange> parseIdRange(std::string_view text) noexcept;
[[nodiscard]] std::string printIdRange(IdRange range);

}  // namespace peerpool::config
