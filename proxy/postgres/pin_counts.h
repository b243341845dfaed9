// How often clients of a pool were bound to their servers, by the kind of state that did it.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "proxy/postgres/session_effect.h"

namespace peerpool::postgres {

/// Since the pool was made. Session pooling is no kind of state here: it is what was asked for.
class PinCounts {
 public:
  void add(StateKind state) noexcept { ++counts_[static_cast<std::size_t>(state)]; }
  [[nodiscard]] std::uint64_t of(StateKind state) const noexcept {
    return counts_[static_cast<std::size_t>(state)];
  }

 private:
  std::array<std::uint64_t, kStateKinds.size()> counts_{};
};

}  // namespace peerpool::postgres
