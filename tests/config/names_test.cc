#include "config/names.h"

#include <catch2/catch.hpp>
#include <vector>

#include "config/wording.h"

namespace peerpool::config {
namespace {

TEST_CASE("a glob covers a pattern when every name of the pattern fits it") {
  struct Case {
    const char* glob;
    const char* pattern;
    bool covered;
  };
  for (const Case& c : std::vector<Case>{{"*", "shop", true},
                                         {"*", "*", true},
                                         {"*", "${user}", true},
                                         {"stats_*", "stats_1", true},
                                         {"stats_*", "stats_*", true},
                                         {"stats_*", "stats_${user}", true},
                                         {"stats_*", "stats", false},
                                         {"stats_*", "*", false},
                                         {"shop", "*", false},
                                         {"shop", "shop", true},
                                         {"shop", "shop2", false},
                                         {"*_ro", "shop_ro", true},
                                         {"*_ro", "*_ro_x", false},
                                         {"a*b*c", "axxbyyc", true},
                                         {"a*b*c", "axxcyyb", false},
                                         {"${user}", "${user}", true},
                                         {"${user}", "alice", false},
                                         {"", "", true},
                                         {"", "a", false},
                                         {"**", "", true}}) {
    INFO(c.glob << " and " << c.pattern);
    CHECK(covers(c.glob, c.pattern) == c.covered);
  }
}

TEST_CASE("a glob with many stars is compared in little time") {
  const std::string glob = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
  CHECK_FALSE(covers(glob, std::string(10'000, 'a')));
}

TEST_CASE("a name is exact without star and variable") {
  CHECK(isExact("shop"));
  CHECK(isExact("$5"));
  CHECK_FALSE(isExact("shop*"));
  CHECK_FALSE(isExact("ro_${user}"));
}

TEST_CASE("the nearest word is at most two changes away, and near for its length") {
  const std::vector<std::string_view> words = {"listener", "limits", "mode", "as"};
  CHECK(nearest("listner", words) == "listener");
  CHECK(nearest("listenre", words) == "listener");
  CHECK(nearest("limit", words) == "limits");
  CHECK(nearest("mod", words) == "mode");
  CHECK(nearest("sa", words) == "as");
  CHECK(nearest("xy", words).empty());
  CHECK(nearest("x", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest("plugins", words).empty());
  CHECK(nearest(std::string(1'000'000, 'm'), words).empty());
}

TEST_CASE("quoting shows control characters and cuts long text") {
  CHECK(quoted("a b") == "\"a b\"");
  CHECK(quoted("a\n\x7f") == "\"a\\x0a\\x7f\"");
  CHECK(quoted(std::string(100, 'x')).size() == 85);
}

TEST_CASE("suggestions fall back to the list of what is valid") {
  CHECK(suggest("mdoe", {"mode", "path"}, "valid here") == "did you mean mode?");
  CHECK(suggest("zzz", {"mode", "path", "as"}, "valid here") == "valid here: mode, path or as");
  CHECK(suggest("zzz", {"mode"}, "valid here") == "valid here: mode");
  CHECK(suggest("zzz", {}, "valid here").empty());
}

}  // namespace
}  // namespace peerpool::config
