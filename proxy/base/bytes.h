// Views of bytes, and numbers in network byte order. Nothing here owns memory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace peerpool {

/// Bytes that somebody else owns; how long they stay valid is said where a view is handed over.
using ByteView = std::span<const std::uint8_t>;

/// The same bytes as text and back, without a copy.
inline std::string_view asText(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteView asBytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Reads a big-endian number; `bytes` must hold at least its size.
inline std::uint16_t readUint16(ByteView bytes) noexcept {
  return static_cast<std::uint16_t>((bytes[0] << 8) | bytes[1]);
}
inline std::uint32_t readUint32(ByteView bytes) noexcept {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
         (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
}

/// Appends a big-endian number.
inline void appendUint16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}
inline void appendUint32(std::string& out, std::uint32_t value) {
  appendUint16(out, static_cast<std::uint16_t>(value >> 16));
  appendUint16(out, static_cast<std::uint16_t>(value & 0xffff));
}

/// Overwrites four bytes at `offset` with a big-endian number; they must exist.
inline void storeUint32(std::string& out, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    out.at(offset + i) = static_cast<char>((value >> (24 - 8 * i)) & 0xff);
  }
}

}  // namespace peerpool
