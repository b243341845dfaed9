// Framing: the input's first bytes choose how the rest is cut into pieces; the cut must not matter.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_reader.h"
#include "proxy/postgres/wire/protocol.h"

using namespace peerpool;
using namespace peerpool::postgres::wire;
using Step = ReadResult::Step;

namespace {

constexpr std::uint32_t kLimit = 4096;

/// What was read: each message as its type and bytes, and how it ended.
struct Outcome {
  std::vector<std::string> messages;
  bool failed = false;
  FramingError error = FramingError::LengthTooSmall;
  std::size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome readIn(ByteView stream, ByteView sizes) {
  MessageReader reader(kLimit);
  Outcome outcome;
  bool open = false;
  std::size_t available = sizes.empty() ? stream.size() : 0;
  std::size_t turn = 0;
  while (true) {
    const ByteView input = stream.subspan(outcome.consumed, available - outcome.consumed);
    const ReadResult result = reader.next(input);
    if (result.step == Step::Failed) {
      check(!reader.atBoundary() && !open, "a failure in the middle of a message");
      outcome.failed = true;
      outcome.error = result.error;
      return outcome;
    }
    if (result.step == Step::NeedMore) {
      check(input.size() < kHeaderSize, "more is asked for than a header");
      if (available == stream.size()) {
        return outcome;
      }
      const std::size_t size = 1 + sizes[turn++ % sizes.size()];
      available = std::min(stream.size(), available + size);
      continue;
    }
    const Fragment& fragment = result.fragment;
    check(!fragment.bytes.empty() && fragment.bytes.data() == input.data() &&
              fragment.bytes.size() <= input.size(),
          "a fragment outside its input");
    check(fragment.body_length <= kLimit, "a body above the limit");
    check(fragment.first != open, "a message begins inside another");
    if (fragment.first) {
      outcome.messages.emplace_back();
    }
    outcome.messages.back() += asText(fragment.bytes);
    check(outcome.messages.back().size() <= kHeaderSize + fragment.body_length,
          "a message longer than it said");
    check(fragment.last == (outcome.messages.back().size() == kHeaderSize + fragment.body_length),
          "a message that ends early or late");
    check(outcome.messages.back()[0] == fragment.type, "a type that changed");
    check(reader.atBoundary() == fragment.last, "a boundary inside a message");
    open = !fragment.last;
    outcome.consumed += fragment.bytes.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const std::size_t cuts = std::min<std::size_t>(size, 8);
  const ByteView stream = input.subspan(cuts);
  const Outcome whole = readIn(stream, {});
  if (cuts > 0) {
    check(readIn(stream, input.first(cuts)) == whole, "the cut of the stream matters");
  }
  return 0;
}
