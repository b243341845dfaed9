// Framing of a message stream; see message_reader.h.

#include "proxy/postgres/wire/message_reader.h"

#include <algorithm>

#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres::wire {
namespace {

constexpr std::uint32_t kLengthFieldSize = 4;

}  // namespace

ReadResult MessageReader::next(ByteView input) noexcept {
  ReadResult result;
  if (failed_) {
    result.step = ReadResult::Step::Failed;
    result.error = error_;
    return result;
  }
  std::size_t header = 0;
  if (remaining_ == 0) {
    if (input.size() < kHeaderSize) {
      return result;
    }
    const std::uint32_t length = readUint32(input.subspan(1));
    if (length < kLengthFieldSize || length - kLengthFieldSize > max_body_length_) {
      failed_ = true;
      error_ =
          length < kLengthFieldSize ? FramingError::LengthTooSmall : FramingError::LengthTooLarge;
      return next(input);
    }
    type_ = static_cast<char>(input[0]);
    body_length_ = remaining_ = length - kLengthFieldSize;
    header = kHeaderSize;
  } else if (input.empty()) {
    return result;
  }
  const std::size_t body = std::min<std::size_t>(remaining_, input.size() - header);
  remaining_ -= static_cast<std::uint32_t>(body);
  result.step = ReadResult::Step::GotFragment;
  result.fragment = Fragment{.type = type_,
                             .body_length = body_length_,
                             .bytes = input.first(header + body),
                             .first = header != 0,
                             .last = remaining_ == 0};
  return result;
}

}  // namespace peerpool::postgres::wire
