// Kleene's three-valued logic: what is not known stays unknown, also under "not".

#pragma once

#include <algorithm>
#include <cstdint>

namespace peerpool::auth {

/// In an order that makes "and" the minimum and "or" the maximum.
enum class Truth : std::uint8_t { No, Unknown, Yes };

[[nodiscard]] constexpr Truth truthOf(bool value) noexcept {
  return value ? Truth::Yes : Truth::No;
}
[[nodiscard]] constexpr Truth both(Truth left, Truth right) noexcept {
  return std::min(left, right);
}
[[nodiscard]] constexpr Truth either(Truth left, Truth right) noexcept {
  return std::max(left, right);
}
[[nodiscard]] constexpr Truth negate(Truth value) noexcept {
  switch (value) {
    case Truth::No:
      return Truth::Yes;
    case Truth::Unknown:
      return Truth::Unknown;
    case Truth::Yes:
      return Truth::No;
  }
  return Truth::Unknown;
}

}  // namespace peerpool::auth
