// Numbers in network byte order.

#include "proxy/base/bytes.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace peerpool {
namespace {

TEST_CASE("numbers are written and read in network byte order") {
  std::string out;
  appendUint16(out, 0x0102);
  appendUint32(out, 0x03040506);
  CHECK(out == std::string("\x01\x02\x03\x04\x05\x06"));
  CHECK(readUint16(asBytes(out)) == 0x0102);
  CHECK(readUint32(asBytes(out).subspan(2)) == 0x03040506);
}

TEST_CASE("the largest and the smallest numbers come back") {
  for (const std::uint32_t value : {0U, 1U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    std::string out;
    appendUint32(out, value);
    CHECK(readUint32(asBytes(out)) == value);
    appendUint16(out, static_cast<std::uint16_t>(value));
    CHECK(readUint16(asBytes(out).subspan(4)) == static_cast<std::uint16_t>(value));
  }
}

TEST_CASE("a number is stored over four bytes that exist, and nowhere else") {
  std::string out = "abcdef";
  storeUint32(out, 1, 0x41424344);
  CHECK(out == "aABCDf");
  CHECK_THROWS_AS(storeUint32(out, 3, 0), std::out_of_range);
}

TEST_CASE("views of text and of bytes are of the same memory") {
  const std::string text("a\0b", 3);
  CHECK(asBytes(text).size() == 3);
  CHECK(asText(asBytes(text)) == text);
  CHECK(asText(asBytes(text)).data() == text.data());
}

}  // namespace
}  // namespace peerpool
