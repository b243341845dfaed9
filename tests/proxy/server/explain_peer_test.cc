// Peers of explain, from accounts and from processes.

#include "proxy/server/explain_peer.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/proxy/server/server_fakes.h"

namespace peerpool::server {
namespace {

constexpr char kStatus[] =
    "Name:\tpsql\nUmask:\t0022\nTgid:\t42\nUid:\t1000\t1001\t1002\t1003\n"
    "Gid:\t100\t101\t102\t103\nFDSize:\t64\nGroups:\t101 1200 \nNStgid:\t42\n";

TEST_CASE("A process is its effective uid and gid, and its groups") {
  const Result<auth::Identity> peer = parseProcessStatus(kStatus, 42, {});
  REQUIRE(peer.has_value());
  CHECK(peer->known);
  CHECK(peer->pid == 42);
  CHECK(peer->uid == 1001);
  CHECK(peer->gid == 101);
  CHECK(peer->groups == std::vector<gid_t>{101, 1200});
}

TEST_CASE("A process without supplementary groups, and one whose uid has no number here") {
  const Result<auth::Identity> plain =
      parseProcessStatus("X:\t1\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t \n", 1, {});
  REQUIRE(plain.has_value());
  CHECK(plain->groups.empty());
  CHECK(plain->known);
  const Result<auth::Identity> unmapped = parseProcessStatus(kStatus, 42, {1001, 65534});
  REQUIRE(unmapped.has_value());
  CHECK_FALSE(unmapped->known);
}

TEST_CASE("Text that is no process status is refused") {
  const char* text = GENERATE("", "Uid:\t1\t1\t1\t1\n", "X\nUid:\t1\t1\nGid:\t1\t1\t1\t1\n",
                              "X\nUid:\ta\tb\tc\td\nGid:\t1\t1\t1\t1\n",
                              "X\nUid:\t1\t4294967296\t1\t1\nGid:\t1\t1\t1\t1\n");
  CHECK_FALSE(parseProcessStatus(text, 1, {}).has_value());
}

Result<auth::Identity> peerOf(const std::string& user, std::vector<std::string> groups = {}) {
  FakeAccounts accounts;
  Options options;
  options.user = user;
  options.groups_given = !groups.empty();
  options.groups = std::move(groups);
  return explainedPeer(options, accounts);
}

TEST_CASE("An account has its groups, unless others are given") {
  const Result<auth::Identity> alice = peerOf("alice");
  REQUIRE(alice.has_value());
  CHECK(alice->uid == 1000);
  CHECK(alice->user == "alice");
  CHECK(alice->groups == std::vector<gid_t>{1000, 1200});
  CHECK(peerOf("1000")->user == "alice");
  const Result<auth::Identity> with_groups = peerOf("bob", {"dba", "77"});
  REQUIRE(with_groups.has_value());
  CHECK(with_groups->gid == 1001);
  CHECK(with_groups->groups == std::vector<gid_t>{1200, 77});
}

TEST_CASE("A number without an account is a peer, a name without one is not") {
  const Result<auth::Identity> stranger = peerOf("4242");
  REQUIRE(stranger.has_value());
  CHECK(stranger->known);
  CHECK(stranger->uid == 4242);
  CHECK(stranger->user.empty());
  CHECK_FALSE(peerOf("65534")->known);
  CHECK(peerOf("mallory").error().text == "there is no account named mallory");
  CHECK(peerOf("bob", {"nogroup"}).error().text == "there is no group named nogroup");
}

TEST_CASE("This process can be explained") {
  FakeAccounts accounts;
  Options options;
  options.pid = ::getpid();
  const Result<auth::Identity> self = explainedPeer(options, accounts);
  REQUIRE(self.has_value());
  CHECK(self->uid == ::geteuid());
  CHECK(self->gid == ::getegid());
  options.pid = 0x3fffffff;  // Above what the kernel gives out.
  CHECK_FALSE(explainedPeer(options, accounts).has_value());
}

}  // namespace
}  // namespace peerpool::server
