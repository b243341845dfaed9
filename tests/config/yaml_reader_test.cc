#include "config/yaml_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace peerpool::config {
namespace {

using Kind = YamlNode::Kind;

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

TEST_CASE("a document becomes a tree with keys, kinds and places") {
  Diagnostics out;
  const auto root = readYaml("a: 1\nb: [x, 'y', \"z\", ~]\nc:\n  d: |\n    one line", "f", out);
  REQUIRE(root.has_value());
  CHECK(out.sorted().empty());
  REQUIRE(root->kind == Kind::Map);
  REQUIRE(root->children.size() == 3);
  const YamlNode& a = root->children[0];
  CHECK(a.key == "a");
  CHECK(a.kind == Kind::Plain);
  CHECK(a.text == "1");
  CHECK(describe(a.where) == "f:1:4");
  CHECK(describe(a.key_where) == "f:1:1");
  const YamlNode& b = root->children[1];
  REQUIRE(b.kind == Kind::List);
  REQUIRE(b.children.size() == 4);
  CHECK(b.children[0].kind == Kind::Plain);
  CHECK(b.children[1].kind == Kind::Quoted);
  CHECK(b.children[2].kind == Kind::Quoted);
  CHECK(b.children[3].kind == Kind::Null);
  CHECK(describe(b.children[1].where) == "f:2:8");
  REQUIRE(root->children[2].children.size() == 1);
  CHECK(root->children[2].children[0].kind == Kind::Quoted);
  CHECK(root->children[2].children[0].text == "one line");
}

TEST_CASE("what YAML would make a number, a boolean or null stays text unless it is null") {
  for (const std::string& text : std::vector<std::string>{"0660", "0x10", "1e3", "yes", "true",
                                                          "off", ".inf", "2026-01-01"}) {
    Diagnostics out;
    const auto root = readYaml("a: " + text + "\n", "f", out);
    REQUIRE(root.has_value());
    CHECK(root->children[0].kind == Kind::Plain);
    CHECK(root->children[0].text == text);
  }
  for (const std::string& text : std::vector<std::string>{"", "~", "null", "Null", "NULL"}) {
    Diagnostics out;
    const auto root = readYaml("a: " + text + "\n", "f", out);
    REQUIRE(root.has_value());
    CHECK(root->children[0].kind == Kind::Null);
  }
}

TEST_CASE("the second of two equal keys is reported and dropped at every depth (check 52)") {
  Diagnostics out;
  const auto root = readYaml("a: 1\nb: { c: 1, d: 2, \"c\": 3, c: 4 }\na: 2\n", "f", out);
  REQUIRE(root.has_value());
  REQUIRE(root->children.size() == 2);
  CHECK(root->children[0].text == "1");
  REQUIRE(root->children[1].children.size() == 2);
  CHECK(root->children[1].children[0].text == "1");
  const std::vector<Diagnostic> all = out.sorted();
  REQUIRE(all.size() == 3);
  CHECK(all[0].path == "b.c");
  CHECK(all[1].path == "b.c");
  CHECK(all[2].path == "a");
  CHECK(describe(all[2].where) == "f:3:1");
}

TEST_CASE("anchors, aliases, merge keys and tags are each reported, and reading goes on") {
  Diagnostics out;
  const auto root = readYaml(
      "a: &x 1\nb: *x\n<<: { k: 1 }\nc: !!str 1\nd: !t [1]\ne: ! 0660\n&y f: 1\n", "f", out);
  REQUIRE(root.has_value());
  std::vector<std::size_t> lines;
  for (const Diagnostic& diagnostic : out.sorted()) {
    lines.push_back(diagnostic.where.line);
  }
  CHECK(lines == std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a cycle and an alias bomb end at once") {
  Diagnostics cycle;
  (void)readYaml("a: &a [*a]\n", "f", cycle);
  CHECK(cycle.hasErrors());
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            ", " + before + "]\n";
  }
  Diagnostics out;
  (void)readYaml(bomb, "f", out);
  CHECK(out.hasErrors());
}

TEST_CASE("sixteen levels are allowed and seventeen are not") {
  Diagnostics good;
  CHECK(readYaml(repeated("[", kMaxDepth) + repeated("]", kMaxDepth), "f", good).has_value());
  CHECK_FALSE(good.hasErrors());
  for (const std::string& bad : std::vector<std::string>{
           repeated("[", kMaxDepth + 1) + repeated("]", kMaxDepth + 1), repeated("[", 100'000),
           repeated("- ", 100'000) + "x", repeated("? ", 1000) + "x", repeated("{a: ", 1000)}) {
    Diagnostics out;
    CHECK_FALSE(readYaml(bad, "f", out).has_value());
    CHECK(out.sorted().size() == 1);
  }
}

TEST_CASE("too many values and too large a file are refused") {
  Diagnostics nodes;
  CHECK_FALSE(readYaml('[' + repeated("1,", kMaxNodes) + ']', "f", nodes).has_value());
  CHECK(nodes.hasErrors());
  Diagnostics size;
  CHECK_FALSE(readYaml(std::string(kMaxFileSize + 1, '#'), "f", size).has_value());
  CHECK(size.hasErrors());
}

TEST_CASE("nothing, a second document and what follows an end are refused") {
  for (const std::string& text :
       std::vector<std::string>{"", "\n", "# comment\n", "---\n", "...\n", "~\n",
                                "a: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "{a: 1}\n---\n"}) {
    Diagnostics out;
    INFO(text);
    CHECK_FALSE(readYaml(text, "f", out).has_value());
    CHECK(out.sorted().size() == 1);
  }
  for (const std::string& text :
       std::vector<std::string>{"---\na: 1\n", "a: 1\n...\n", "--- {a: 1}\n"}) {
    Diagnostics out;
    INFO(text);
    CHECK(readYaml(text, "f", out).has_value());
    CHECK_FALSE(out.hasErrors());
  }
}

TEST_CASE("a byte that the parser takes for the end cannot hide the rest of a file") {
  Diagnostics out;
  CHECK_FALSE(readYaml("a: 1\n\x04\nb: 2\n", "f", out).has_value());
  CHECK(out.hasErrors());
}

TEST_CASE("text may not go on in the next line without quotes, nor hold control characters") {
  for (const std::string& text : std::vector<std::string>{
           "a: one\n  two\n", "a: [one\n two]\n", "a: \"x\\ny\"\n", "a: \"\\0\"\n",
           "\"a\\tb\": 1\n", "a: |\n  x\n  y\n", "a: 'x\n\n  y'\n"}) {
    Diagnostics out;
    INFO(text);
    (void)readYaml(text, "f", out);
    CHECK(out.sorted().size() == 1);
  }
}

TEST_CASE("a syntax error is one diagnostic with its place and a hint") {
  struct Case {
    std::string text;
    std::string where;
    std::string hint;  // Part of it.
  };
  for (const Case& c : std::vector<Case>{{"a: [${user}]\n", "f:1:6", "quote it: \"${user}\""},
                                         {"a: {b: ro_${user}}\n", "f:1:12", "\"${user}\""},
                                         {"a: *\n", "f:1:5", "\"*\""},
                                         {"a: @x\n", "f:1:4", "\"@x\""},
                                         {"a: %x y\n", "f:1:4", "\"%x\""},
                                         {"a:b\nc: 1\n", "f:2:2", "a space is missing after a:"},
                                         {"a: b: c\n", "f:1:5", "\": \""},
                                         {"a: [1\n", "f:2:1", "brackets"}}) {
    Diagnostics out;
    INFO(c.text);
    CHECK_FALSE(readYaml(c.text, "f", out).has_value());
    const std::vector<Diagnostic> all = out.sorted();
    REQUIRE(all.size() == 1);
    CHECK(describe(all[0].where) == c.where);
    CHECK_THAT(all[0].hint, Catch::Contains(c.hint));
  }
}

TEST_CASE("paths join plain keys with dots and quote the others") {
  CHECK(childPath("", "listeners") == "listeners");
  CHECK(childPath("listeners", "pg") == "listeners.pg");
  CHECK(childPath("rules", 2) == "rules[2]");
  CHECK(childPath("directories", "/run/peerpool") == "directories.\"/run/peerpool\"");
  CHECK(childPath("a", "") == "a.\"\"");
}

}  // namespace
}  // namespace peerpool::config
