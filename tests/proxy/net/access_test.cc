// Owner, group, mode and ACL of a published socket file are those asked for, and the kernel acts on
// them.

#include "proxy/net/access.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/proxy/net/file_fixture.h"
#include "tests/support/process.h"

namespace peerpool::net {

namespace {

constexpr uid_t kOwner = 61001;
constexpr uid_t kStranger = 61009;
constexpr gid_t kGroup = 62001;

AccessList accessOf(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return readAccessList(fd.get(), path);
}

std::string outputOf(const std::vector<std::string>& command) {
  return testing::run({command}).output;
}

}  // namespace

TEST_CASE("the mode is exactly the configured one under every umask") {
  const ScratchDirectory directory;
  for (const mode_t mask : {0U, 022U, 077U, 0177U, 0777U}) {
    for (const mode_t mode : {0600U, 0660U, 0666U, 0620U, 0222U, 0U, 0777U}) {
      const UmaskScope scope(mask);
      SocketFileOptions options;
      options.path = directory.file("socket");
      options.access.mode = mode;
      const SocketFile socket(options);
      CAPTURE(mask, mode);
      CHECK((statOf(options.path).st_mode & 07777U) == mode);
      CHECK(accessOf(options.path).named.empty());
    }
  }
}

TEST_CASE("more than permission bits in a mode is refused") {
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access.mode = 04660;
  CHECK(containsAll(errorOf([&] { SocketFile{options}; }), {options.path, "4660"}));
  CHECK(directory.names().empty());
}

TEST_CASE("owner and group are set, and without them the process' own remain") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  SECTION("both") {
    options.access = {kOwner, kGroup, 0640, {}};
    const SocketFile socket(options);
    CHECK(statOf(options.path).st_uid == kOwner);
    CHECK(statOf(options.path).st_gid == kGroup);
    CHECK((statOf(options.path).st_mode & 07777U) == 0640);
  }
  SECTION("a setgid directory gives the group") {
    REQUIRE(::chown(directory.path().c_str(), 0, kGroup) == 0);
    REQUIRE(::chmod(directory.path().c_str(), 02755) == 0);
    const SocketFile socket(options);
    CHECK(statOf(options.path).st_uid == 0);
    CHECK(statOf(options.path).st_gid == kGroup);
  }
}

TEST_CASE("the configured group bits stay the owning group's when there is an ACL") {
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access.acl = {{61003, false}, {61002, false}, {62002, true}, {61003, false}};
  for (const mode_t mode : {0600U, 0640U, 0660U, 0606U}) {
    const UmaskScope scope(077);
    options.access.mode = mode;
    const SocketFile socket(options);
    CAPTURE(mode);
    const AccessList list = accessOf(options.path);
    CHECK(list.mode == mode);
    CHECK(list.named == std::vector<AccessList::Named>{
                            {{61002, false}, 6}, {{61003, false}, 6}, {{62002, true}, 6}});
    CHECK((statOf(options.path).st_mode & 070U) == 060U);  // The mask.
  }
  options.access.mode = 0640;
  const SocketFile socket(options);
  CHECK(outputOf({"getfacl", "-nacEp", options.path}) ==
        "user::rw-\nuser:61002:rw-\nuser:61003:rw-\ngroup::r--\ngroup:62002:rw-\nmask::rw-\n"
        "other::---\n\n");
}

TEST_CASE("the kernel lets in exactly those whom owner, group, mode and ACL name") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access = {kOwner, kGroup, 0660, {{61002, false}, {62002, true}}};
  const SocketKind kind = GENERATE(SocketKind::Stream, SocketKind::SeqPacket, SocketKind::Datagram);
  options.kind = kind;
  const SocketFile socket(options);
  struct Case {
    Credentials account;
    int expected;
  };
  const std::vector<Case> cases = {
      {{kOwner, 61001, {}}, 0},
      {{61008, kGroup, {}}, 0},
      {{61008, 61008, {61005, kGroup}}, 0},
      {{61002, 61002, {}}, 0},
      {{61008, 62002, {}}, 0},
      {{61008, 61008, {62002}}, 0},
      {{kStranger, kStranger, {}}, EACCES},
      {{65534, 65534, {}}, EACCES},
      {{62002, 61002, {}}, EACCES},  // The numbers of the ACL, but as the wrong sort of id.
      {{0, 0, {}}, 0},
  };
  for (const Case& each : cases) {
    CAPTURE(each.account.uid, each.account.gid);
    CHECK(connectAs(each.account, options.path, kind) == each.expected);
  }
}

TEST_CASE(
    "who is kept out of a published file is refused, and everybody else is let in as before") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access = {std::nullopt, kGroup, 0660, {{61002, false}, {61003, false}, {61002, true}}};
  SocketFile socket(options);
  const AccessList before = accessOf(options.path);
  CHECK(socket.keepOut({61002, 61008}));
  CHECK(connectAs({61002, 61002, {}}, options.path) == EACCES);  // Not by its group either.
  CHECK(connectAs({61008, kGroup, {}}, options.path) == EACCES);
  CHECK(connectAs({61003, 61003, {}}, options.path) == 0);
  CHECK(connectAs({61007, kGroup, {}}, options.path) == 0);
  CHECK(connectAs({kStranger, kStranger, {}}, options.path) == EACCES);
  CHECK(socket.keepOut({}));
  CHECK(accessOf(options.path) == before);
  CHECK(connectAs({61002, 61002, {}}, options.path) == 0);
  CHECK(connectAs({61008, kGroup, {}}, options.path) == 0);
}

TEST_CASE("nobody is kept out of a file of which somebody else changed who may connect") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access.mode = 0666;
  const bool kept_out_before = GENERATE(false, true);
  const std::string how = GENERATE(as<std::string>{}, "mode", "list", "owner");
  CAPTURE(kept_out_before, how);
  SocketFile socket(options);
  CHECK(socket.keepOut(kept_out_before ? std::vector<uid_t>{61002} : std::vector<uid_t>{}));
  if (how == "mode") {
    REQUIRE(::chmod(options.path.c_str(), 0600) == 0);
  } else if (how == "owner") {
    REQUIRE(::chown(options.path.c_str(), kOwner, kOwner) == 0);
  } else {
    REQUIRE(testing::run({{"setfacl", "-m", "u:61009:---", options.path}}).ok());
  }
  const std::string changed = outputOf({"getfacl", "-nEp", options.path});
  CHECK_FALSE(socket.keepOut({61008}));
  CHECK_FALSE(socket.keepOut({}));
  CHECK(outputOf({"getfacl", "-nEp", options.path}) == changed);
}

TEST_CASE("what a directory's default ACL would give is not given") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  REQUIRE(
      testing::run({{"setfacl", "-d", "-m", "u:61009:rwx,g:61009:rwx,o::rwx", directory.path()}})
          .ok());
  SocketFileOptions options;
  options.path = directory.file("socket");
  options.access.mode = 0660;
  {
    const SocketFile socket(options);
    CHECK(accessOf(options.path) == AccessList{0660, {}});
    CHECK(connectAs({kStranger, kStranger}, options.path) == EACCES);
  }
  options.access.acl = {{61002, false}};
  const SocketFile socket(options);
  CHECK(accessOf(options.path) == AccessList{0660, {{{61002, false}, 6}}});
  CHECK(connectAs({kStranger, kStranger}, options.path) == EACCES);
}

TEST_CASE("an unprivileged service grants by ACL what it may not by chown") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  REQUIRE(::chown(directory.path().c_str(), kOwner, kOwner) == 0);
  const std::string path = directory.file("socket");
  const Credentials service{kOwner, kOwner, {kGroup}};
  const auto make = [&](const SocketAccess& access) {
    return runAs(service, [&] {
      const std::string error = errorOf([&] {
        const SocketFile socket({path, SocketKind::Stream, access, 4});
        ::_exit(connectTo(path) == 0 ? 0 : 1);
      });
      return containsAll(error, {path, "61001"}) ? 2 : 3;
    });
  };
  CHECK(make({std::nullopt, std::nullopt, 0600, {{61002, false}}}) == 0);
  CHECK(make({std::nullopt, kGroup, 0660, {}}) == 0);
  CHECK(make({std::nullopt, gid_t{62009}, 0660, {}}) == 2);  // Not a member.
  CHECK(make({uid_t{61002}, std::nullopt, 0660, {}}) == 2);
}

TEST_CASE("a file system without ACLs serves plain modes and refuses an ACL by name") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  const int status = runAs({}, [&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("ramfs", directory.path().c_str(), "ramfs", 0, "mode=0755") != 0) {
      return 77;
    }
    SocketFileOptions options;
    options.path = directory.file("socket");
    options.access.mode = 0620;
    {
      const SocketFile socket(options);
      if ((statOf(options.path).st_mode & 07777U) != 0620) {
        return 1;
      }
    }
    options.access.acl = {{61002, false}};
    const std::string error = errorOf([&] { SocketFile{options}; });
    return containsAll(error, {options.path, "no access control lists"}) &&
                   directory.names().empty()
               ? 0
               : 2;
  });
  if (status == 77) {
    testing::skipBecause("cannot mount a ramfs here");
    return;
  }
  CHECK(status == 0);
}

}  // namespace peerpool::net
