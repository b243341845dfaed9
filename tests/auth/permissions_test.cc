// The kernel's access check as a table.

#include "auth/permissions.h"

#include <catch2/catch.hpp>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

TEST_CASE("the first class that applies decides") {
  struct Row {
    mode_t mode;
    Identity peer;
    bool granted;
  };
  // The file belongs to alice and to group clients, in which bob is.
  const Row rows[] = {
      {0600, alice(), true},
      {0600, bob(), false},
      {0600, peer(1003), false},
      {0660, bob(), true},
      {0660, peer(1003), false},
      {0666, peer(1003), true},
      {0060, alice(), false},
      {0606, bob(), false},
      {0066, alice(), false},
      {0222, bob(), true},
      {0444, bob(), false},
      {0000, peer(0), true},
      {0660, peer(5, "", {1300}), true},
  };
  for (const Row& row : rows) {
    CAPTURE(modeText(row.mode), row.peer.uid);
    CHECK(grants({1001, 1300, row.mode, {}, {}}, row.peer, Permission::Write) == row.granted);
    // Search is the same with another bit.
    const mode_t search = (row.mode & 0222) >> 1;
    CHECK(grants({1001, 1300, search, {}, {}}, row.peer, Permission::Search) == row.granted);
  }
}

TEST_CASE("entries of the access control list add, but not to the owner") {
  const Permissions closed{1001, 0, 0000, {1001, 1003}, {1300}};
  CHECK(grants(closed, peer(1003), Permission::Write));
  CHECK(grants(closed, bob(), Permission::Write));
  CHECK_FALSE(grants(closed, alice(), Permission::Write));
  CHECK_FALSE(grants(closed, peer(7), Permission::Write));
}

TEST_CASE("a door shut for all but its owner is recognised") {
  CHECK_FALSE(grantsAnyone({0, 0, 0600, {}, {}}, Permission::Write));
  CHECK_FALSE(grantsAnyone({0, 0, 0655, {}, {}}, Permission::Write));
  CHECK(grantsAnyone({0, 0, 0620, {}, {}}, Permission::Write));
  CHECK(grantsAnyone({0, 0, 0602, {}, {}}, Permission::Write));
  CHECK(grantsAnyone({0, 0, 0600, {1}, {}}, Permission::Write));
  CHECK(grantsAnyone({0, 0, 0600, {}, {1}}, Permission::Write));
}

TEST_CASE("permissions describe themselves") {
  CHECK(describe({0, 1300, 0660, {}, {}}, {}) == "mode 0660, owner uid 0, group gid 1300, no acl");
  CHECK(describe({0, 0, 02755, {}, {}}, {{name("web"), false}, {{"", 7, {}}, true}}) ==
        "mode 2755, owner uid 0, group gid 0, acl: user web, group 7");
}

}  // namespace
}  // namespace peerpool::auth
