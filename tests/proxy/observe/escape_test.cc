// What foreign text may look like in a line.

#include "proxy/observe/escape.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace peerpool::observe {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view given;
  std::string_view expected;
};

TEST_CASE("Text is escaped so that it stays visible and on one line") {
  const auto [given, expected] = GENERATE(values<Case>({
      {"shop", "shop"},
      {"", ""},
      {"a b=c", "a b=c"},
      {"say \"hi\"", "say \\\"hi\\\""},
      {"back\\slash", "back\\\\slash"},
      {"a\nb", "a\\nb"},
      {"a\r\tb", "a\\r\\tb"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"\0nul"sv, "\\x00nul"},
      {"del\x7f", "del\\x7f"},
      {"z\xc3\xa9ro", "z\xc3\xa9ro"},                        // é
      {"\xf0\x9f\x90\x98", "\xf0\x9f\x90\x98"},              // An elephant.
      {"\xe2\x80\xaegnp.exe", "\\u{202e}gnp.exe"},           // Right-to-left override.
      {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"},  // Isolates.
      {"\xd8\x9c", "\\u{61c}"},                              // Arabic letter mark.
      {"a\xe2\x80\x8b"
       "b",
       "a\\u{200b}b"},                               // Zero-width space.
      {"\xe2\x80\xa8", "\\u{2028}"},                 // Line separator.
      {"\xef\xbb\xbf", "\\u{feff}"},                 // Byte order mark.
      {"\xc2\x85", "\\u{85}"},                       // C1: next line.
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},            // A tag character.
      {"\xff\xfe", "\\xff\\xfe"},                    // Never in UTF-8.
      {"\xc3", "\\xc3"},                             // Cut short.
      {"\xc3(", "\\xc3("},                           // Wrong continuation.
      {"\xc0\xaf", "\\xc0\\xaf"},                    // Overlong slash.
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},           // Overlong, three bytes.
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // A surrogate.
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // Beyond Unicode.
      {"\x80", "\\x80"},                             // Continuation alone.
  }));
  CHECK(escaped(given) == expected);
}

TEST_CASE("Printable text keeps quotes and backslashes, and nothing else that is harmful") {
  CHECK(printable("say \"hi\" \\ there") == "say \"hi\" \\ there");
  CHECK(printable("a\nb\x1b\xff\xe2\x80\xae") == "a\\nb\\x1b\\xff\\u{202e}");
  CHECK(printable("abcdef", 3) == "abc...");
}

TEST_CASE("Long text is cut between characters") {
  CHECK(escaped("abcdef", 6) == "abcdef");
  CHECK(escaped("abcdef", 3) == "abc...");
  CHECK(escaped("ab\xc3\xa9z", 3) == "ab...");
  CHECK(escaped("ab\xc3\xa9z", 4) == "ab\xc3\xa9...");
  CHECK(escaped(std::string(5000, '\xff')).size() == 1024 * 4 + 3);
  CHECK(escaped(std::string(5000, '\x80'), 8) == "...");
}

TEST_CASE("A value is quoted unless it is a plain word") {
  const auto [given, expected] = GENERATE(values<Case>({
      {"shop", "shop"},
      {"/run/peerpool/.s.PGSQL.5432", "/run/peerpool/.s.PGSQL.5432"},
      {"peerpool.yaml:12:3", "peerpool.yaml:12:3"},
      {"", "\"\""},
      {"no rule", "\"no rule\""},
      {"a=b", "\"a=b\""},
      {"it's", "\"it's\""},
      {"x\ny", "\"x\\ny\""},
      {"\"", "\"\\\"\""},
      {"\xff", "\"\\xff\""},
  }));
  CHECK(quotedIfNeeded(given) == expected);
}

}  // namespace
}  // namespace peerpool::observe
