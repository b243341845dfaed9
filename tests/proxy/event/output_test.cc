// Slices and tails of an output, without a kernel: the test says what sendmsg gave.

#include "proxy/event/output.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <numeric>
#include <string>

#include "tests/proxy/event/test_output.h"

namespace peerpool::event {
namespace {

std::string content(Output& output) {
  std::string result;
  for (const iovec& piece : output.pieces()) {
    result.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return result;
}

TEST_CASE("slices that touch become one") {
  const std::string memory = "abcdefghij";
  TestOutput output(-1);
  output.append(asBytes(memory).first(3));
  output.append(asBytes(memory).subspan(3, 2));
  CHECK(output.pieces().size() == 1);
  output.append(asBytes(memory).subspan(6, 2));
  output.append(asBytes(memory).subspan(8, 1));
  output.append(asBytes(memory).subspan(0, 0));
  CHECK(output.pieces().size() == 2);
  CHECK(content(output) == "abcdeghi");
  CHECK(output.pending() == 8);
  output.onSent(8);
  CHECK(output.pending() == 0);
  CHECK_FALSE(output.blocked());
  CHECK_FALSE(output.ownsTail());
}

TEST_CASE("what the kernel did not take is copied and later output goes behind it") {
  // Every split of three slices that do not touch.
  const std::string expected = "onetwothree";
  for (std::size_t taken = 0; taken < expected.size(); ++taken) {
    std::string one = "one";
    std::string two = "two";
    std::string three = "three";
    TestOutput output(-1);
    output.append(asBytes(one));
    output.append(asBytes(two));
    output.append(asBytes(three));
    output.onSent(taken == 0 ? -EAGAIN : static_cast<long>(taken));
    CHECK(output.blocked());
    one = two = three = "-----";
    std::string more = "more";
    output.append(asBytes(more));
    more = "----";
    CHECK(output.pieces().size() == 1);
    CHECK(content(output) == expected.substr(taken) + "more");
    CHECK(output.pending() == expected.size() - taken + 4);
    output.onSent(2);
    CHECK(output.blocked());
    CHECK(content(output) == (expected.substr(taken) + "more").substr(2));
    output.onSent(static_cast<long>(output.pending()));
    CHECK_FALSE(output.blocked());
    CHECK_FALSE(output.ownsTail());
  }
}

TEST_CASE("a tail that is sent in small parts while more is queued keeps its order") {
  TestOutput output(-1);
  std::string expected;
  std::string sent;
  for (int round = 0; round < 500; ++round) {
    std::string text = "message " + std::to_string(round) + ';';
    output.append(asBytes(text));
    expected += text;
    const std::string offered = content(output);
    const std::size_t taken = std::min<std::size_t>(7, offered.size());
    sent += offered.substr(0, taken);
    output.onSent(static_cast<long>(taken));
  }
  sent += content(output);
  CHECK(sent == expected);
}

TEST_CASE("bytes that do not stay valid are copied with all that is before them") {
  const std::string stays = "stays";
  TestOutput output(-1);
  output.append(asBytes(stays));
  {
    const std::string temporary = " goes";
    output.appendCopy(asBytes(temporary));
  }
  output.append(asBytes(stays));
  CHECK(output.ownsTail());
  CHECK_FALSE(output.blocked());
  CHECK(content(output) == "stays goesstays");
  output.onSent(15);
  CHECK_FALSE(output.ownsTail());
}

TEST_CASE("more slices than one call takes stay for the next without a copy") {
  const std::string memory(1000, 'x');
  TestOutput output(-1);
  for (std::size_t i = 0; i < 150; ++i) {
    output.append(asBytes(memory).subspan(2 * i, 1));
  }
  std::size_t calls = 0;
  while (output.pending() > 0) {
    CHECK(output.pieces().size() <= Output::kMaxPieces);
    output.onSent(static_cast<long>(output.pieces().size()));
    CHECK_FALSE(output.blocked());
    CHECK_FALSE(output.ownsTail());
    ++calls;
  }
  CHECK(calls == 3);
}

TEST_CASE("a failed output drops what it has and what comes") {
  TestOutput output(-1);
  const std::string text = "lost";
  output.append(asBytes(text));
  output.onSent(-EPIPE);
  CHECK(output.failed());
  CHECK(output.pending() == 0);
  output.append(asBytes(text));
  output.appendCopy(asBytes(text));
  CHECK(output.pending() == 0);
  CHECK_FALSE(output.ownsTail());
}

}  // namespace
}  // namespace peerpool::event
