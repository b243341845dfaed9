// Framing: every split, every hostile length.

#include "proxy/postgres/wire/message_reader.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "proxy/postgres/wire/protocol.h"

using namespace peerpool;
using namespace peerpool::postgres::wire;
using Step = ReadResult::Step;

namespace {

std::string message(char type, const std::string& body) {
  std::string out(1, type);
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out + body;
}

struct Whole {
  char type = 0;
  std::string bytes;
  bool operator==(const Whole&) const = default;
};

/// Reads `stream` as it arrives in `pieces`, keeping unconsumed bytes as a transport does.
std::vector<Whole> readIn(const std::vector<std::string>& pieces) {
  MessageReader reader(1 << 20);
  std::vector<Whole> messages;
  std::string carried;
  bool open = false;
  for (const std::string& piece : pieces) {
    carried += piece;
    while (true) {
      const ReadResult result = reader.next(asBytes(carried));
      if (result.step == Step::NeedMore) {
        REQUIRE(carried.size() < kHeaderSize);
        break;
      }
      REQUIRE(result.step == Step::GotFragment);
      REQUIRE(result.fragment.first == !open);
      REQUIRE(!result.fragment.bytes.empty());
      REQUIRE(result.fragment.bytes.data() == asBytes(carried).data());
      if (result.fragment.first) {
        messages.push_back({result.fragment.type, ""});
      }
      REQUIRE(messages.back().type == result.fragment.type);
      messages.back().bytes += asText(result.fragment.bytes);
      open = !result.fragment.last;
      REQUIRE(reader.atBoundary() == result.fragment.last);
      if (result.fragment.last) {
        REQUIRE(messages.back().bytes.size() == kHeaderSize + result.fragment.body_length);
      }
      carried.erase(0, result.fragment.bytes.size());
    }
  }
  REQUIRE(carried.empty());
  REQUIRE(!open);
  return messages;
}

const std::vector<Whole> kMessages = {{'Q', message('Q', std::string("select 1\0", 9))},
                                      {'S', message('S', "")},
                                      {'d', message('d', std::string(40, 'x'))},
                                      {'\xff', message('\xff', "y")},
                                      {'\0', message('\0', "")}};

std::string streamOf(const std::vector<Whole>& messages) {
  std::string stream;
  for (const Whole& whole : messages) {
    stream += whole.bytes;
  }
  return stream;
}

}  // namespace

TEST_CASE("Messages that come at once are read one by one", "[wire][framing]") {
  CHECK(readIn({streamOf(kMessages)}) == kMessages);
}

TEST_CASE("Messages that come byte by byte are the same", "[wire][framing]") {
  std::vector<std::string> pieces;
  for (const char byte : streamOf(kMessages)) {
    pieces.emplace_back(1, byte);
  }
  CHECK(readIn(pieces) == kMessages);
}

TEST_CASE("Messages that come in two or three pieces are the same", "[wire][framing]") {
  const std::string stream = streamOf(kMessages);
  for (std::size_t i = 0; i <= stream.size(); ++i) {
    for (std::size_t j = i; j <= stream.size(); ++j) {
      REQUIRE(readIn({stream.substr(0, i), stream.substr(i, j - i), stream.substr(j)}) ==
              kMessages);
    }
  }
}

TEST_CASE("Random streams in random pieces are read as they were written", "[wire][framing]") {
  std::mt19937 random(20240719);
  for (int round = 0; round < 200; ++round) {
    std::vector<Whole> messages;
    for (auto count = random() % 20; count > 0; --count) {
      const char type = static_cast<char>(random());
      messages.push_back({type, message(type, std::string(random() % 300, 'z'))});
    }
    const std::string stream = streamOf(messages);
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < stream.size();) {
      pieces.push_back(stream.substr(at, random() % 50));
      at += pieces.back().size();
    }
    REQUIRE(readIn(pieces) == messages);
  }
}

TEST_CASE("A length that cannot be ends the stream for good", "[wire][framing]") {
  struct Case {
    std::uint32_t length;
    FramingError error;
  };
  const Case cases[] = {
      {0, FramingError::LengthTooSmall},          {1, FramingError::LengthTooSmall},
      {3, FramingError::LengthTooSmall},          {105, FramingError::LengthTooLarge},
      {0x7fffffff, FramingError::LengthTooLarge}, {0x80000000, FramingError::LengthTooLarge},
      {0xffffffff, FramingError::LengthTooLarge}};
  for (const Case& each : cases) {
    CAPTURE(each.length);
    std::string input = "Q";
    appendUint32(input, each.length);
    MessageReader reader(100);
    for (std::size_t size = 0; size < kHeaderSize; ++size) {
      CHECK(reader.next(asBytes(input).first(size)).step == Step::NeedMore);
    }
    CHECK(reader.atBoundary());
    ReadResult result = reader.next(asBytes(input));
    CHECK(result.step == Step::Failed);
    CHECK(result.error == each.error);
    CHECK_FALSE(reader.atBoundary());
    result = reader.next(asBytes(kMessages[0].bytes));
    CHECK(result.step == Step::Failed);
    CHECK(result.error == each.error);
    CHECK(reader.next({}).step == Step::Failed);
  }
}

TEST_CASE("The limit is on the body, and includes itself", "[wire][framing]") {
  MessageReader reader(100);
  const std::string largest = message('d', std::string(100, 'x'));
  CHECK(reader.next(asBytes(largest)).fragment.last);
  CHECK(reader.next(asBytes(message('d', std::string(101, 'x')))).step == Step::Failed);

  MessageReader unlimited(0xffffffff);
  std::string huge = "d";
  appendUint32(huge, 0xffffffff);
  const ReadResult result = unlimited.next(asBytes(huge));
  CHECK(result.step == Step::GotFragment);
  CHECK(result.fragment.body_length == 0xfffffffb);
  CHECK_FALSE(result.fragment.last);
}

TEST_CASE("Nothing is asked for in the middle of a message without input", "[wire][framing]") {
  MessageReader reader(100);
  const std::string whole = message('d', "abc");
  CHECK(reader.next(asBytes(whole).first(kHeaderSize)).step == Step::GotFragment);
  CHECK(reader.next({}).step == Step::NeedMore);
  const ReadResult result = reader.next(asBytes(whole).subspan(kHeaderSize));
  CHECK(result.fragment.last);
  CHECK_FALSE(result.fragment.first);
  CHECK(result.fragment.type == 'd');
  CHECK(result.fragment.body_length == 3);
}
