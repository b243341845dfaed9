// Numbers that must not be mixed up, each with a type of its own.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace peerpool {

/// A number unique within the process for things of the kind `Tag`; 0 means none.
template <typename Tag>
struct Id {
  std::uint64_t value = 0;
  friend bool operator==(Id, Id) = default;
  friend auto operator<=>(Id, Id) = default;  // NOLINT: there is no null pointer here
  explicit operator bool() const noexcept { return value != 0; }
};

using ClientId = Id<struct ClientTag>;
using ServerId = Id<struct ServerTag>;

/// Hands out ids from 1 on; any thread.
template <typename Kind>
class IdSource {
 public:
  [[nodiscard]] Kind next() noexcept {
    return Kind{last_.fetch_add(1, std::memory_order_relaxed) + 1};
  }

 private:
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace peerpool

template <typename Tag>
struct std::hash<peerpool::Id<Tag>> {
  std::size_t operator()(peerpool::Id<Tag> id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
