// Exact names, globs and templates, and how text of peers is quoted.

#include "auth/name_pattern.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

TEST_CASE("a glob stands for any run of bytes") {
  struct Row {
    const char* glob;
    const char* name;
    bool matches;
  };
  const Row rows[] = {{"*", "", true},
                      {"*", "x", true},
                      {"shop", "shop", true},
                      {"shop", "Shop", false},
                      {"shop", "shops", false},
                      {"stats_*", "stats_", true},
                      {"stats_*", "stats", false},
                      {"stats_*", "stats_x", true},
                      {"*_ro", "a_ro", true},
                      {"*_ro", "a_ro_", false},
                      {"a*z", "az", true},
                      {"a*z", "abz", true},
                      {"a*z", "abzb", false},
                      {"a*b*c", "axbxbc", true},
                      {"a*b*c", "axc", false},
                      {"**", "x", true},
                      {"a**", "a", true},
                      {"", "", true},
                      {"", "x", false},
                      {"*ab", "aab", true},
                      {"*aab", "aaab", true}};
  for (const Row& row : rows) {
    CAPTURE(row.glob, row.name);
    CHECK(globMatches(row.glob, row.name) == row.matches);
    CHECK(NamePattern(row.glob).matches(row.name, {}) == truthOf(row.matches));
  }
}

TEST_CASE("a glob of many stars does not take exponential time") {
  std::string glob;
  for (int i = 0; i < 30; ++i) {
    glob += "*a";
  }
  CHECK_FALSE(globMatches(glob + "b", std::string(63, 'a')));
}

TEST_CASE("only plain names may be put into a template") {
  for (const char* good : {"a", "_x", "alice", "a-b.c_9", "a1"}) {
    CAPTURE(good);
    CHECK(isPlainName(good));
  }
  for (const char* bad : {"", "1a", "-a", ".a", "Alice", "a$", "a b", "a\"b", "a'b", "a@domain",
                          "a\\b", "a*", "\xc3\xa4", "a\n", "${user}"}) {
    CAPTURE(bad);
    CHECK_FALSE(isPlainName(bad));
  }
  CHECK(isPlainName(std::string(63, 'a')));
  CHECK_FALSE(isPlainName(std::string(64, 'a')));
  CHECK_FALSE(isPlainName(std::string_view("a\0b", 3)));
}

TEST_CASE("a template is filled in or unknown") {
  const Variables variables{"alice", "web-app"};
  CHECK(NamePattern("${user}").expand(variables) == "alice");
  CHECK(NamePattern("ro_${user}_${identity}").expand(variables) == "ro_alice_web-app");
  CHECK(NamePattern("plain").expand({}) == "plain");
  CHECK(NamePattern("${user}").expand({"", "x"}) == std::nullopt);
  CHECK(NamePattern("${identity}").expand({"alice", ""}) == std::nullopt);
  CHECK(NamePattern("${user}").expand({"Alice", ""}) == std::nullopt);
  CHECK(NamePattern("ro_${user}").matches("ro_alice", variables) == Truth::Yes);
  CHECK(NamePattern("ro_${user}").matches("ro_bob", variables) == Truth::No);
  CHECK(NamePattern("ro_${user}").matches("ro_", {}) == Truth::Unknown);
  CHECK(NamePattern("${user}_*").matches("alice_test", variables) == Truth::Yes);
  CHECK(NamePattern("${user}_*").matches("bob_test", variables) == Truth::No);
}

TEST_CASE("names over 63 bytes match nothing") {
  const std::string longest(63, 'a');
  CHECK(NamePattern("*").matches(longest, {}) == Truth::Yes);
  CHECK(NamePattern("*").matches(longest + "a", {}) == Truth::No);
  CHECK(NamePattern(longest + "a").matches(longest + "a", {}) == Truth::No);
  CHECK(NamePattern("${user}").expand({longest, ""}) == longest);
  CHECK(NamePattern("x${user}").expand({longest, ""}) == std::nullopt);
  CHECK(NamePattern("x${user}").whyNotExpanded({longest, ""}).find("more than 63 bytes") !=
        std::string::npos);
}

TEST_CASE("why a template cannot be filled in is said in words") {
  CHECK(NamePattern("${user}").whyNotExpanded({}) == "the account name is not known");
  CHECK(NamePattern("${identity}").whyNotExpanded({}) == "no named identity matched");
  CHECK(NamePattern("${user}").whyNotExpanded({"Odd", ""}) ==
        "account name \"Odd\" may not be put into a name");
  CHECK(NamePattern("${identity}").whyNotExpanded({"", "Web"}) ==
        "identity name \"Web\" may not be put into a name");
  CHECK(NamePattern("${user}").whyNotExpanded({"alice", ""}).empty());
}

TEST_CASE("exact means the operator wrote this very name") {
  CHECK(NamePattern("postgres").exact());
  CHECK_FALSE(NamePattern("*").exact());
  CHECK_FALSE(NamePattern("${user}").exact());
  CHECK(NamePattern("$user").exact());
}

TEST_CASE("unknown and unfinished variables are refused") {
  CHECK_THROWS_AS(NamePattern("${uid}"), std::invalid_argument);
  CHECK_THROWS_AS(NamePattern("${user"), std::invalid_argument);
  CHECK_THROWS_AS(NamePattern("${}"), std::invalid_argument);
}

TEST_CASE("quoted text cannot end its quotation or steer a terminal") {
  CHECK(quoted("shop") == "\"shop\"");
  CHECK(quoted("a\"b\\c") == "\"a\\x22b\\x5cc\"");
  CHECK(quoted("\x1b[2J\n") == "\"\\x1b[2J\\x0a\"");
  CHECK(quoted("\xe2\x80\xae") == "\"\\xe2\\x80\\xae\"");
  CHECK(quoted(std::string(81, 'a')) == '"' + std::string(80, 'a') + "...\"");
}

}  // namespace
}  // namespace peerpool::auth
