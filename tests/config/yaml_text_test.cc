#include "config/yaml_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace peerpool::config {
namespace {

using namespace std::string_view_literals;

TEST_CASE("the valid prefix of UTF-8 ends where the standard says") {
  struct Case {
    std::string_view text;
    std::size_t valid;
  };
  const std::vector<Case> cases = {
      {"", 0},
      {"plain", 5},
      {"\xc3\xa4", 2},
      {"\xe2\x82\xac", 3},
      {"\xf0\x9f\x98\x80", 4},
      {"\xf4\x8f\xbf\xbf", 4},  // The last character there is.
      {"a\x80", 1},             // Continuation without a lead.
      {"a\xc3", 1},             // Cut off.
      {"a\xe2\x82", 1},
      {"\xc0\xaf", 0},  // Overlong '/'.
      {"\xc1\xbf", 0},
      {"\xe0\x9f\xbf", 0},      // Overlong.
      {"\xf0\x8f\xbf\xbf", 0},  // Overlong.
      {"\xed\xa0\x80", 0},      // Surrogate.
      {"\xf4\x90\x80\x80", 0},  // Beyond U+10FFFF.
      {"\xf5\x80\x80\x80", 0},
      {"\xff", 0},
      {"\xc3\xa4\xc3\x28", 2},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(validUtf8Prefix(c.text) == c.valid);
  }
}

TEST_CASE("columns count characters, not bytes") {
  const YamlText text("first\n\xc3\xa4\xe2\x82\xac: x", "f");
  const Location where = text.locate(1, 5);
  CHECK(where.line == 2);
  CHECK(where.column == 3);
  CHECK(text.locate(7, 3).line == 8);
}

TEST_CASE("lines end with LF or CR LF, and a lone CR is a control character") {
  const YamlText text("a\r\nb\nc", "f");
  CHECK(text.line(0) == "a");
  CHECK(text.line(1) == "b");
  CHECK(text.line(2) == "c");
  CHECK(text.line(3).empty());
  CHECK(text.rest(2, 1).empty());
  CHECK(text.rest(9, 9).empty());
  Diagnostics good;
  CHECK(text.check(good));
  Diagnostics bad;
  CHECK_FALSE(YamlText("a\rb: c\n", "f").check(bad));
}

TEST_CASE("each line that is no text is reported once") {
  Diagnostics out;
  CHECK_FALSE(YamlText("a: \x01\n\tb: 1\nc: \xff\n# \xfe\n \td: 1\n", "f").check(out));
  const std::vector<Diagnostic> all = out.sorted();
  REQUIRE(all.size() == 5);
  CHECK(describe(all[0].where) == "f:1:4");
  CHECK(describe(all[1].where) == "f:2:1");
  CHECK(describe(all[2].where) == "f:3:4");
  CHECK(describe(all[3].where) == "f:4:3");
  CHECK(describe(all[4].where) == "f:5:2");
}

TEST_CASE("tabs are fine where they do not indent") {
  for (const std::string_view text :
       {"a:\t1\n"sv, "\t\n"sv, "\t# comment\n"sv, "a: \"x\ty\"\n"sv, "a: 1\t# comment\n"sv}) {
    Diagnostics out;
    INFO(text);
    CHECK(YamlText(text, "f").check(out));
  }
}

TEST_CASE("a quote is closed by its like that is not escaped") {
  for (const char* const text :
       {"", "plain", "\"x\"", "'x' # y", "\"\\\"\"", "'it''s'", "''", "\"'\""}) {
    INFO(text);
    CHECK(closesItsQuote(text));
  }
  for (const char* const text : {"\"", "'", "\"x", "'it''", "\"\\\"", "\"\\", "'x\"", "'''"}) {
    INFO(text);
    CHECK_FALSE(closesItsQuote(text));
  }
}

TEST_CASE("a missing space after a colon is recognised") {
  struct Case {
    const char* text;
    const char* key;
  };
  for (const Case& c : std::vector<Case>{{"user:bob", "user:"},
                                         {"mode:\"0660\"", "mode:"},
                                         {"any:[a]", "any:"},
                                         {"any:{a", "any:"},
                                         {"user: bob", ""},
                                         {"user:", ""},
                                         {"unix:/run", ""},
                                         {":x", ""},
                                         {"a b:c", ""},
                                         {"", ""}}) {
    INFO(c.text);
    CHECK(keyWithoutSpace(c.text) == c.key);
  }
}

}  // namespace
}  // namespace peerpool::config
