#include "proxy/postgres/followed_settings.h"

#include <catch2/catch.hpp>

using namespace peerpool::postgres;

namespace {

std::string difference(const FollowedSettings& wanted, const FollowedSettings& there) {
  std::string sql;
  wanted.appendDifference(sql, there);
  return sql;
}

}  // namespace

TEST_CASE("A server is brought from what one client has set to what another has") {
  FollowedSettings wanted;
  FollowedSettings there;
  CHECK(difference(wanted, there).empty());
  wanted.apply({"work_mem", "'1MB'"});
  wanted.apply({"my.own", "5"});
  CHECK(difference(wanted, there) == "SET \"work_mem\" TO '1MB'; SET \"my\".\"own\" TO 5");
  there.apply({"work_mem", "'1MB'"});
  there.apply({"search_path", "a, b"});
  CHECK(difference(wanted, there) == "SET \"search_path\" TO DEFAULT; SET \"my\".\"own\" TO 5");
  there.apply({"work_mem", "'2MB'"});
  CHECK(difference(wanted, there) ==
        "SET \"search_path\" TO DEFAULT; SET \"work_mem\" TO '1MB'; SET \"my\".\"own\" TO 5");
  std::string sql = "SET a TO b";
  FollowedSettings().appendDifference(sql, wanted);
  CHECK(sql == "SET a TO b; SET \"work_mem\" TO DEFAULT; SET \"my\".\"own\" TO DEFAULT");
}

TEST_CASE("What was set last counts, a default takes it away, and a name stays a name") {
  FollowedSettings settings;
  settings.apply({"a", "1"});
  settings.apply({"a", "2"});
  CHECK(difference(settings, {}) == "SET \"a\" TO 2");
  settings.apply({"a", ""});
  CHECK(settings.empty());
  settings.apply({"a\" to 1; drop table t; --", "1"});
  CHECK(difference(settings, {}) == "SET \"a\"\" to 1; drop table t; --\" TO 1");
  settings.apply({"", ""});
  CHECK(settings.empty());
}

TEST_CASE("There is room for so many and no more") {
  FollowedSettings settings;
  for (std::size_t i = 0; i < FollowedSettings::kMost; ++i) {
    CHECK(settings.hasRoom(1));
    settings.apply({"a" + std::to_string(i), "1"});
  }
  CHECK_FALSE(settings.hasRoom(1));
}
