// How long messages may be, and how much of one is kept.

#pragma once

#include <cstddef>
#include <cstdint>

namespace peerpool::postgres {

/// Largest body of a message, in bytes: PostgreSQL's own limit (MaxAllocSize).
inline constexpr std::uint32_t kMaxBodyLength = 0x3fffffff;

/// Largest body of a client's message that is kept until it is complete: a client that dies in the
/// middle of a message leaves a server that can be used again only if nothing of it was passed on.
inline constexpr std::size_t kMaxKeptLength = std::size_t{16} * 1024;

/// Largest server message that is kept until it is complete because it is looked into.
inline constexpr std::size_t kMaxInspectedLength = std::size_t{16} * 1024;

}  // namespace peerpool::postgres
