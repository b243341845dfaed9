// The arena: windows, what is its own, and what does not fit.

#include "proxy/event/arena.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

namespace peerpool::event {
namespace {

TEST_CASE("a window shrinks to what was committed and the next one touches it") {
  Arena arena(100);
  const std::span<std::uint8_t> window = arena.window(50);
  REQUIRE(window.size() == 50);
  std::memcpy(window.data(), "hello", 5);
  const ByteView first = arena.commit(5);
  CHECK(asText(first) == "hello");
  CHECK(arena.free() == 95);
  const std::span<std::uint8_t> next = arena.window(95);
  REQUIRE(next.size() == 95);
  CHECK(next.data() == first.data() + 5);
}

TEST_CASE("there is no window when less than its size is left") {
  Arena arena(10);
  CHECK(arena.window(11).empty());
  CHECK(arena.window(10).size() == 10);
  arena.commit(1);
  CHECK(arena.window(10).empty());
  CHECK(arena.window(9).size() == 9);
}

TEST_CASE("stored bytes are copies, and too many are not stored at all") {
  Arena arena(8);
  std::string text = "abcdef";
  const ByteView stored = arena.store(asBytes(text));
  text[0] = 'X';
  CHECK(asText(stored) == "abcdef");
  CHECK(arena.store(asBytes("xyz")).empty());
  CHECK(arena.free() == 2);
  CHECK(asText(arena.store(asBytes("xy"))) == "xy");
}

TEST_CASE("an arena knows its own committed bytes") {
  Arena arena(64);
  const ByteView stored = arena.store(asBytes("abcdef"));
  CHECK(arena.owns(stored));
  CHECK(arena.owns(stored.subspan(2, 3)));
  CHECK(arena.owns(stored.subspan(6)));
  const std::string other = "abcdef";
  CHECK_FALSE(arena.owns(asBytes(other)));
  CHECK_FALSE(arena.owns(ByteView(stored.data(), 7)));
}

TEST_CASE("a reset arena starts at the beginning") {
  Arena arena(16);
  const std::uint8_t* first = arena.store(asBytes("abc")).data();
  arena.reset();
  CHECK(arena.free() == 16);
  CHECK(arena.store(asBytes("xyz")).data() == first);
}

}  // namespace
}  // namespace peerpool::event
