// Conditions on a peer: every key, and three-valued logic under any: and not:.

#include "auth/peer_matcher.h"

#include <catch2/catch.hpp>

#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.

PeerMatcher compiled(const config::Matcher& source) {
  FakeAccounts accounts;
  config::Diagnostics problems;
  FakeFiles files;
  NameResolver names(accounts, files, problems);
  PeerMatcher matcher(source, names, "test");
  REQUIRE_FALSE(problems.hasErrors());
  return matcher;
}

Truth truth(const config::Matcher& source, const Identity& peer) {
  return compiled(source).matches(peer);
}

/// Conditions whose truth for `alice()` or `unmappedPeer()` is what the name says.
config::Matcher no(const Identity& peer) { return unmapped(peer.known); }
config::Matcher yes(const Identity& peer) { return unmapped(!peer.known); }
config::Matcher unknown() { return user("bob"); }  // For a peer without identity.

TEST_CASE("each key compares numbers") {
  config::Matcher uids;
  uids.uids = {{10, 20}, {1001, 1001}};
  config::Matcher gids;
  gids.gids = {{1190, 1210}};
  config::Matcher users = user("alice");
  users.users.push_back(name("bob"));
  config::Matcher number;
  number.users.push_back({"", 1002, {}});
  struct Row {
    config::Matcher matcher;
    bool alice;
    bool bob;
  };
  const Row rows[] = {{user("alice"), true, false},
                      {users, true, true},
                      {number, false, true},
                      {uids, true, false},
                      {group("dba"), true, false},
                      {group("clients"), false, true},
                      {gids, true, false},
                      {unmapped(false), true, true},
                      {unmapped(true), false, false},
                      {config::Matcher{}, true, true}};
  for (const Row& row : rows) {
    CAPTURE(compiled(row.matcher).describe());
    CHECK(truth(row.matcher, alice()) == truthOf(row.alice));
    CHECK(truth(row.matcher, bob()) == truthOf(row.bob));
  }
}

TEST_CASE("a group counts as primary and as supplementary (check 14)") {
  Identity primary = peer(5);
  primary.gid = 1200;
  const Identity supplementary = peer(5, "", {7, 1200});
  CHECK(truth(group("dba"), primary) == Truth::Yes);
  CHECK(truth(group("dba"), supplementary) == Truth::Yes);
  CHECK(truth(group("dba"), peer(5, "", {7})) == Truth::No);
  CHECK(primary.inGroup(1200));
  CHECK(supplementary.inGroup(1200));
  CHECK_FALSE(unmappedPeer().inGroup(kNoGid));
}

TEST_CASE("of a peer without identity only unmapped is known (check 9)") {
  config::Matcher everything;
  everything.uids = {{0, 4294967295}};
  config::Matcher every_group;
  every_group.gids = {{0, 4294967295}};
  for (const config::Matcher& matcher :
       {user("alice"), group("dba"), everything, every_group, config::Matcher{}}) {
    CHECK(truth(matcher, unmappedPeer()) == Truth::Unknown);
    CHECK(truth(notOf(matcher), unmappedPeer()) == Truth::Unknown);
  }
  CHECK(truth(unmapped(true), unmappedPeer()) == Truth::Yes);
  CHECK(truth(unmapped(false), unmappedPeer()) == Truth::No);
  Identity overflow = peer(65534, "nobody");
  overflow.known = false;
  CHECK(truth(user("nobody"), overflow) == Truth::Unknown);
}

TEST_CASE("any, not and all conditions together follow Kleene's tables") {
  const Identity peer = unmappedPeer();
  const Truth values[] = {Truth::No, Truth::Unknown, Truth::Yes};
  const auto matcherOf = [&](Truth value) {
    return value == Truth::No ? no(peer) : value == Truth::Yes ? yes(peer) : unknown();
  };
  for (const Truth left : values) {
    CHECK(truth(matcherOf(left), peer) == left);
    CHECK(truth(notOf(matcherOf(left)), peer) == negate(left));
    for (const Truth right : values) {
      CAPTURE(int(left), int(right));
      CHECK(truth(anyOf({matcherOf(left), matcherOf(right)}), peer) == either(left, right));
      config::Matcher all = anyOf({matcherOf(left)});
      all.not_all_of.push_back(matcherOf(right));
      CHECK(truth(all, peer) == both(left, negate(right)));
      config::Matcher nested = notOf(anyOf({matcherOf(left), notOf(matcherOf(right))}));
      CHECK(truth(nested, peer) == negate(either(left, negate(right))));
    }
  }
}

TEST_CASE("the first condition that fails is told") {
  config::Matcher two_users = user("bob");
  two_users.users.push_back(name("carol"));
  config::Matcher two_groups = group("clients");
  two_groups.groups.push_back(name("reporting"));
  config::Matcher range;
  range.uids = {{20000, 20099}};
  config::Matcher ranges;
  ranges.uids = {{1, 2}, {5, 5}};
  config::Matcher gids;
  gids.gids = {{100, 200}};
  config::Matcher number;
  number.users.push_back({"", 1002, {}});
  config::Matcher second_fails = user("alice");
  second_fails.groups.push_back(name("clients"));
  struct Row {
    config::Matcher matcher;
    const char* why;
  };
  const Row rows[] = {
      {user("bob"), "uid 1001 is not user bob (uid 1002)"},
      {two_users, "uid 1001 is not one of: bob (uid 1002), carol (uid 1003)"},
      {number, "uid 1001 is not user 1002"},
      {range, "uid 1001 is not in 20000-20099"},
      {ranges, "uid 1001 is not one of: 1-2, 5"},
      {group("clients"), "uid 1001 is not in group clients (gid 1300)"},
      {two_groups, "uid 1001 is in none of the groups: clients (gid 1300), reporting (gid 1400)"},
      {gids, "uid 1001 has no group in 100-200"},
      {second_fails, "uid 1001 is not in group clients (gid 1300)"},
      {unmapped(true), "the kernel can name the peer: uid 1001 (alice)"},
      {anyOf({user("bob"), group("clients")}),
       "none of any: holds: uid 1001 is not user bob (uid 1002); "
       "uid 1001 is not in group clients (gid 1300)"},
      {notOf(group("dba")), "uid 1001 (alice) is excluded by not: group dba (gid 1200)"},
  };
  for (const Row& row : rows) {
    CHECK(compiled(row.matcher).whyNot(alice()) == row.why);
  }
  CHECK(compiled(user("alice")).whyNot(alice()).empty());
  CHECK(compiled(unmapped(false)).whyNot(unmappedPeer()) == "the kernel cannot name the peer");
  CHECK(compiled(user("bob")).whyNot(unmappedPeer()) ==
        "the kernel cannot name the peer, so this is unknown: user bob (uid 1002)");
}

TEST_CASE("a matcher describes itself") {
  config::Matcher all = user("alice");
  all.gids = {{5, 9}};
  all.unmapped = false;
  all.any = {user("bob"), unmapped(true)};
  all.not_all_of = {group("dba")};
  CHECK(compiled(all).describe() ==
        "user alice (uid 1001) and gid 5-9 and not unmapped and any of (user bob (uid 1002), "
        "unmapped) and not (group dba (gid 1200))");
  CHECK(compiled({}).describe() == "anyone");
}

}  // namespace
}  // namespace peerpool::auth
