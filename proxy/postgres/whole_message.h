// The next message of a stream if it is there as a whole: for phases in which every message is
// small and looked into. Relayed messages are not read with this.

#pragma once

#include <cstddef>
#include <cstdint>

#include "proxy/base/bytes.h"

namespace peerpool::postgres {

struct WholeMessage {
  enum class Step : std::uint8_t { NeedMore, Got, Violation };
  Step step = Step::NeedMore;
  char type = 0;
  ByteView body;
  std::size_t length = 0;  ///< Bytes to consume, with type and length field.
};

/// `max_length`: in bytes, of the body; a longer one is a violation.
[[nodiscard]] inline WholeMessage readWhole(ByteView input, std::size_t max_length) noexcept {
  constexpr std::size_t kHeader = 5;
  if (input.size() < kHeader) {
    return {};
  }
  const std::uint32_t length = readUint32(input.subspan(1));
  if (length < 4 || length - 4 > max_length) {
    return {WholeMessage::Step::Violation, 0, {}, 0};
  }
  const std::size_t total = std::size_t{1} + length;
  if (input.size() < total) {
    return {};
  }
  return {WholeMessage::Step::Got, static_cast<char>(input[0]), input.subspan(kHeader, length - 4),
          total};
}

}  // namespace peerpool::postgres
