// Splits a PostgreSQL byte stream into messages.
//
// Framing only: one type byte, then a big-endian int32 length that counts itself but not the type
// (PostgreSQL manual, "Message Formats"). Bytes come in as views, views go out; nothing is copied,
// allocated or read from a descriptor here. The startup packet has no type byte: see startup.h.

#pragma once

#include <cstdint>

#include "proxy/base/bytes.h"

namespace peerpool::postgres::wire {

/// Why a stream cannot be read any further. The client gets SQLSTATE 08P01 and is closed.
enum class FramingError {
  LengthTooSmall,  ///< The length field is below 4, its own size.
  LengthTooLarge,  ///< The body is above the limit given to the reader.
};

/// A run of bytes of one message. A message longer than the input comes as several fragments, so
/// that a 1 GB DataRow can be relayed through a 16 KiB buffer.
struct Fragment {
  char type = 0;                  ///< 'Q', 'D', 'Z', ... Not checked against the known types.
  std::uint32_t body_length = 0;  ///< Bytes of the whole body, without type and length field.
  ByteView bytes;                 ///< To relay as they are; the first fragment starts at the type.
  bool first = false;
  bool last = false;
};

/// One step of reading. `fragment` is meaningful for GotFragment, `error` for Failed.
struct ReadResult {
  enum class Step { NeedMore, GotFragment, Failed };
  Step step = Step::NeedMore;
  Fragment fragment;
  FramingError error = FramingError::LengthTooSmall;
};

/// Keeps the position within the current message between calls and nothing else; no heap.
class MessageReader {
 public:
  /// `max_body_length`: in bytes; protects from a hostile length before anything is buffered.
  explicit MessageReader(std::uint32_t max_body_length) noexcept
      : max_body_length_(max_body_length) {}

  /// Looks at the front of `input`. The caller consumes `fragment.bytes.size()` bytes, then calls
  /// again with the rest. NeedMore consumes nothing and asks for at least one more byte; it can
  /// happen only while the five header bytes are incomplete, or when `input` is empty.
  ///
  /// After an error every further call returns the same error: a stream out of step cannot be
  /// resynchronised.
  [[nodiscard]] ReadResult next(ByteView input) noexcept;

  /// True between two messages: the only points at which another writer may insert one.
  [[nodiscard]] bool atBoundary() const noexcept { return remaining_ == 0 && !failed_; }

 private:
  std::uint32_t max_body_length_;
  std::uint32_t body_length_ = 0;  // Of the current message.
  std::uint32_t remaining_ = 0;    // Body bytes of the current message still to come.
  char type_ = 0;
  bool failed_ = false;
  FramingError error_ = FramingError::LengthTooSmall;
};

}  // namespace peerpool::postgres::wire
