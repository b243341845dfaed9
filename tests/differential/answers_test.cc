// What is masked, and that nothing else is.

#include "tests/differential/answers.h"

#include <catch2/catch.hpp>

#include "proxy/base/bytes.h"
#include "tests/differential/dialogue.h"

namespace peerpool::differential {
namespace {

using testing::RawMessage;

std::string number(std::uint32_t value) {
  std::string bytes;
  appendUint32(bytes, value);
  return bytes;
}

// A RowDescription of one column `name` of table `table` and type `type`.
RawMessage row(const std::string& name, std::uint32_t table, std::uint32_t type) {
  return {'T', std::string("\0\1", 2) + name + '\0' + number(table) + std::string(2, '\0') +
                   number(type) + std::string(8, '\0')};
}

std::string difference(const Answers& direct, const Answers& through) {
  return firstDifference(comparable(direct), comparable(through));
}

}  // namespace

TEST_CASE("what changes from run to run is no difference") {
  CHECK(difference({{'K', "12345678"}}, {{'K', "abcdefgh"}}) == "");
  CHECK(difference({{'A', number(17) + "c"}}, {{'A', number(99) + "c"}}) == "");
  CHECK(difference({row("a", 20000, 23), row("b", 20007, 23), row("a", 20000, 23)},
                   {row("a", 31000, 23), row("b", 16500, 23), row("a", 31000, 23)}) == "");
  CHECK(difference({{'S', "a"}, {'S', "b"}, {'Z', "I"}}, {{'S', "b"}, {'S', "a"}, {'Z', "I"}}) ==
        "");
  const std::string front("C26000\0Mx\0L", 11);
  CHECK(difference({{'E', front + "451" + std::string(2, '\0')}},
                   {{'E', front + std::string(2, '\0')}}) == "");
}

TEST_CASE("all else is a difference") {
  CHECK(difference({{'K', "12345678"}}, {{'K', "1234"}}) != "");
  CHECK(difference({{'A', number(17) + "c"}}, {{'A', number(17) + "d"}}) != "");
  CHECK(difference({row("a", 20000, 23)}, {row("a", 0, 23)}) != "");
  CHECK(difference({row("a", 20000, 23), row("b", 20000, 23)},
                   {row("a", 20000, 23), row("b", 20001, 23)}) != "");
  CHECK(difference({row("a", 20000, 23)}, {row("a", 20000, 25)}) != "");
  CHECK(difference({{'D', "x"}}, {{'D', "y"}}) != "");
  CHECK(difference({{'D', "x"}}, {{'D', "x"}, {'D', "x"}}) != "");
  CHECK(difference({{'Z', "I"}, {'S', "a"}, {'S', "b"}}, {{'Z', "I"}, {'S', "b"}, {'S', "a"}}) !=
        "");
  const std::string front("C22012\0Mx\0L", 11);
  CHECK(difference({{'E', front + "451" + std::string(2, '\0')}},
                   {{'E', front + "452" + std::string(2, '\0')}}) != "");
}

TEST_CASE("a difference shows both sides where they differ") {
  const std::string text =
      firstDifference({{'C', "SELECT 1"}, {'D', std::string(2000, 'x') + "a"}},
                      {{'C', "SELECT 1"}, {'D', std::string(2000, 'x') + "b"}});
  CHECK(text.find("message 2") == 0);
  CHECK(text.find("both:    CommandComplete SELECT 1") != std::string::npos);
  CHECK(text.find("xa ... ") == std::string::npos);
  CHECK(text.find("xa") != std::string::npos);
  CHECK(text.find("xb") != std::string::npos);
}

TEST_CASE("the lines of a transcript become the bytes of their messages") {
  const Dialogue read = readTranscript("file",
                                       "Startup \"a\" \"b\"\n"
                                       "Parse \"s\" \"x\" * 3 + \"\\x00y\" [23]  # why\n"
                                       "Bind \"\" \"s\" [NULL \"\\\"\"] [0 1] [1]\n"
                                       "Send\n\nExecute \"\" 2\nSync\nWait Z 2\nWait Closed\n");
  CHECK(read.startup == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
  REQUIRE(read.steps.size() == 3);
  const std::string parse = std::string("s\0xxx\0y\0\0\1", 10) + number(23);
  const std::string bind = std::string("\0s\0\0\2\0\0\0\1\0\2", 11) + number(0xffffffff) +
                           number(1) + '"' + std::string("\0\1\0\1", 4);
  CHECK(read.steps[0].send == testing::rawMessage('P', parse) + testing::rawMessage('B', bind));
  CHECK(read.steps[0].until == '\0');
  CHECK(read.steps[1].until == 'Z');
  CHECK(read.steps[1].count == 2);
  CHECK(read.steps[2].until == kClosed);
}

TEST_CASE("a line that makes no sense is named") {
  for (const char* const line : {"Nonsense\nWait Z", "Sync 1\nWait Z", "Query \"open\nWait Z",
                                 "Query \"\\q\"\nWait Z", "Parse \"\" \"\" [23\nWait Z"}) {
    CAPTURE(line);
    CHECK_THROWS_WITH(readTranscript("file", line), Catch::StartsWith("file:1: "));
  }
  CHECK_THROWS(readTranscript("file", "Sync\n"));
  CHECK_THROWS(readScript("file", "-- @nonsense\n"));
}

TEST_CASE("a script is sent query by query, and its data when it is asked for") {
  const Dialogue read = readScript("file",
                                   "-- @startup TimeZone UTC\nSELECT 1;\n-- @query\n"
                                   "COPY t FROM STDIN\n-- @copy\n1\n-- @copyfail no more\n");
  CHECK(read.startup == std::vector<std::pair<std::string, std::string>>{{"TimeZone", "UTC"}});
  REQUIRE(read.steps.size() == 2);
  CHECK(read.steps[0].send == testing::rawMessage('Q', std::string("SELECT 1;\0", 10)));
  REQUIRE(read.steps[1].copies.size() == 2);
  CHECK(read.steps[1].copies[0] == testing::rawMessage('d', "1\n") + testing::rawMessage('c', ""));
  CHECK(read.steps[1].copies[1] == testing::rawMessage('f', std::string("no more\0", 8)));
}

}  // namespace peerpool::differential
