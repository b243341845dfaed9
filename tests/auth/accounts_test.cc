// The account database of this machine: root exists everywhere, some names nowhere.

#include "auth/accounts.h"

#include <catch2/catch.hpp>

namespace peerpool::auth {
namespace {

constexpr char kNobodyHasThisName[] = "no-such-name-7f3a9c";

TEST_CASE("root is found by name and by number") {
  SystemAccounts accounts;
  const auto by_name = accounts.userByName("root");
  REQUIRE(by_name);
  REQUIRE(*by_name);
  CHECK((*by_name)->uid == 0);
  CHECK((*by_name)->gid == 0);
  CHECK((*by_name)->name == "root");
  const auto by_uid = accounts.userByUid(0);
  REQUIRE(by_uid);
  REQUIRE(*by_uid);
  CHECK((*by_uid)->name == "root");
  const auto name = accounts.userName(0);
  REQUIRE(name);
  CHECK(*name == "root");
  const auto group = accounts.groupByName("root");
  REQUIRE(group);
  CHECK(*group == 0U);
}

TEST_CASE("a name or number that does not exist is no failure") {
  SystemAccounts accounts;
  const auto user = accounts.userByName(kNobodyHasThisName);
  REQUIRE(user);
  CHECK_FALSE(*user);
  const auto group = accounts.groupByName(kNobodyHasThisName);
  REQUIRE(group);
  CHECK_FALSE(*group);
  const auto uid = accounts.userByUid(4'000'000'001U);
  REQUIRE(uid);
  CHECK_FALSE(*uid);
  const auto name = accounts.userName(4'000'000'001U);
  REQUIRE(name);
  CHECK_FALSE(*name);
  CHECK_FALSE(*accounts.userByName(""));
}

TEST_CASE("the groups of an account contain its primary group") {
  SystemAccounts accounts;
  const auto groups = accounts.groupsOf({"root", 0, 0});
  REQUIRE(groups);
  CHECK(std::find(groups->begin(), groups->end(), 0U) != groups->end());
  const auto unknown = accounts.groupsOf({kNobodyHasThisName, 4242, 4343});
  REQUIRE(unknown);
  CHECK(*unknown == std::vector<gid_t>{4343});
}

}  // namespace
}  // namespace peerpool::auth
