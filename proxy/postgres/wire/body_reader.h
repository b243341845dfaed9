// Takes fields off the front of a message body, never past its end. Nothing is copied.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/base/bytes.h"

namespace peerpool::postgres::wire {

/// A cursor in a body that somebody else owns. A take that fails takes nothing.
class BodyReader {
 public:
  explicit BodyReader(ByteView body) noexcept : rest_(body) {}

  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  [[nodiscard]] bool atEnd() const noexcept { return rest_.empty(); }

  [[nodiscard]] std::optional<std::uint8_t> takeByte() noexcept {
    if (rest_.empty()) {
      return std::nullopt;
    }
    const std::uint8_t byte = rest_[0];
    rest_ = rest_.subspan(1);
    return byte;
  }

  [[nodiscard]] std::optional<std::uint32_t> takeUint32() noexcept {
    if (rest_.size() < sizeof(std::uint32_t)) {
      return std::nullopt;
    }
    const std::uint32_t number = readUint32(rest_);
    rest_ = rest_.subspan(sizeof(std::uint32_t));
    return number;
  }

  /// Text up to a zero byte, which is taken too; nullopt when there is none.
  [[nodiscard]] std::optional<std::string_view> takeText() noexcept {
    const std::string_view text = asText(rest_);
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    rest_ = rest_.subspan(end + 1);
    return text.substr(0, end);
  }

 private:
  ByteView rest_;
};

}  // namespace peerpool::postgres::wire
