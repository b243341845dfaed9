// Directories: who may own and write them, links, and making them.

#include "proxy/net/directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/proxy/net/file_fixture.h"
#include "tests/support/process.h"

namespace peerpool::net {

namespace {

std::string makeDirectoryAt(const std::string& path, mode_t mode, uid_t uid = 0) {
  ::mkdir(path.c_str(), 0700);
  if (::chown(path.c_str(), uid, uid) != 0 || ::chmod(path.c_str(), mode) != 0) {
    FAIL("cannot prepare " << path);
  }
  return path;
}

std::string checkError(const std::string& path) {
  return errorOf([&] { static_cast<void>(openCheckedDirectory(path)); });
}

mode_t modeOf(const std::string& path) { return statOf(path).st_mode & 07777U; }

}  // namespace

TEST_CASE(
    "a directory that a stranger could write in is refused, wherever on the path it is (check "
    "17)") {
  if (skipWithoutRoot()) {
    return;
  }
  struct Case {
    mode_t mode;
    uid_t owner;
    std::vector<std::string> error;  ///< Parts of it; empty: accepted.
    bool warns = false;
  };
  const std::vector<Case> cases = {
      {0755, 0, {}},
      {0700, 0, {}},
      {02750, 0, {}},
      {0775, 0, {"0775", "written by others", "chmod go-w"}},
      {0757, 0, {"0757", "written by others"}},
      {0777, 0, {"written by others"}},
      {01777, 0, {}, true},
      {01770, 0, {}, true},
      {01777, 61001, {"uid 61001", "neither to root"}},
      {0755, 61001, {"uid 61001", "neither to root"}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.mode, each.owner);
    const ScratchDirectory scratch("/run");
    const std::string upper = makeDirectoryAt(scratch.file("upper"), each.mode, each.owner);
    const std::string lower = makeDirectoryAt(upper + "/lower", 0755);
    for (const std::string& path : {upper, lower}) {
      if (each.error.empty()) {
        CHECK(checkError(path).empty());
        CHECK(openCheckedDirectory(path).warnings.size() == (each.warns ? 1 : 0));
      } else {
        CHECK(containsAll(checkError(path), each.error));
        CHECK(containsAll(checkError(path), {upper + " "}));
      }
    }
  }
}

TEST_CASE("the service's own directories are fine for it") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  const std::string own = makeDirectoryAt(scratch.file("own"), 0750, 61001);
  CHECK(runAs({61001, 61001}, [&] { return checkError(own).empty() ? 0 : 1; }) == 0);
  CHECK(runAs({61002, 61001}, [&] { return checkError(own).empty() ? 0 : 1; }) == 1);
  REQUIRE(::chmod(own.c_str(), 01777) == 0);  // Only root's sticky directories are bearable.
  CHECK(runAs({61001, 61001}, [&] {
          return containsAll(checkError(own), {own, "written by others"}) ? 0 : 1;
        }) == 0);
}

TEST_CASE("write permission by ACL counts as writable by others") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  const std::string path = makeDirectoryAt(scratch.file("d"), 0755);
  REQUIRE(testing::run({{"setfacl", "-m", "u:61002:rwx", path}}).ok());
  CHECK(containsAll(checkError(path), {path, "written by others"}));
}

TEST_CASE("a symbolic link on the path is refused with the path to write instead (check 18)") {
  const ScratchDirectory scratch;
  const std::string real = makeDirectoryAt(scratch.file("real"), 0755, ::geteuid());
  makeDirectoryAt(real + "/below", 0755, ::geteuid());
  const std::string link = scratch.file("link");
  REQUIRE(::symlink("real", link.c_str()) == 0);
  for (const std::string& path : {link, link + "/below"}) {
    CHECK(containsAll(checkError(path), {link + " is a symbolic link", "write " + real}));
    CHECK(containsAll(errorOf([&] {
                        createDirectory({path, 0700, {}, {}});
                      }),
                      {link + " is a symbolic link"}));
  }
  CHECK(modeOf(real) == 0755);
  REQUIRE(::symlink("nowhere", scratch.file("dangling").c_str()) == 0);
  CHECK(containsAll(errorOf([&] {
                      createDirectory({scratch.file("dangling"), 0700, {}, {}});
                    }),
                    {"is a symbolic link"}));
  CHECK(scratch.names() == std::vector<std::string>{"dangling", "link", "real"});
}

TEST_CASE("paths that are no plain absolute ones are refused") {
  for (const std::string& path : {std::string(), std::string("tmp"), std::string("/tmp/../etc"),
                                  std::string("/tmp/./x"), std::string("/tmp/a\0b", 8)}) {
    CHECK(containsAll(checkError(path), {"must be absolute"}));
  }
  CHECK(checkError("/").empty());
  CHECK(checkError("//tmp//").empty());
  CHECK(containsAll(checkError("/nonexistent/peerpool"), {"/nonexistent;", "create: true"}));
  const ScratchDirectory scratch;
  writeFile(scratch.file("f"), "");
  CHECK(containsAll(checkError(scratch.file("f")), {"is a regular file"}));
}

TEST_CASE("a directory is made with exactly its mode, its parents with 0755") {
  const mode_t mask = GENERATE(0U, 022U, 077U, 0777U);
  const UmaskScope scope(mask);
  const ScratchDirectory scratch;
  const std::string path = scratch.file("a/b/c");
  const std::vector<std::string> warnings = createDirectory({path, 0710, {}, {}});
  CHECK(warnings.size() == 1);  // /tmp
  CHECK(modeOf(path) == 0710);
  CHECK(modeOf(scratch.file("a")) == 0755);
  CHECK(modeOf(scratch.file("a/b")) == 0755);
  CHECK(statOf(path).st_uid == ::geteuid());
}

TEST_CASE("owner, group and setgid of a made directory are as asked") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  createDirectory({scratch.file("d"), 02750, uid_t{61001}, gid_t{62001}});
  CHECK(statOf(scratch.file("d")).st_uid == 61001);
  CHECK(statOf(scratch.file("d")).st_gid == 62001);
  CHECK(modeOf(scratch.file("d")) == 02750);
  createDirectory({scratch.file("d"), 0700, uid_t{61001}, gid_t{62002}});  // Root mends it.
  CHECK(statOf(scratch.file("d")).st_gid == 62002);
  CHECK(modeOf(scratch.file("d")) == 0700);
  CHECK(
      runAs({61001, 61001}, [&] {
        return errorOf([&] { createDirectory({scratch.file("e"), 0750, {}, {}}); }).empty() ? 1 : 0;
      }) == 0);  // Its parent is root's.
  CHECK(scratch.names() == std::vector<std::string>{"d"});
}

TEST_CASE("a directory that cannot be finished is removed again") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  REQUIRE(::chown(scratch.path().c_str(), 61001, 61001) == 0);
  CHECK(runAs({61001, 61001}, [&] {
          const std::string error = errorOf([&] {
            createDirectory({scratch.file("d"), 0750, {}, gid_t{62009}});
          });
          return containsAll(error, {scratch.file("d"), "gid 62009", "setgid"}) ? 0 : 1;
        }) == 0);
  CHECK(scratch.names().empty());
}

TEST_CASE("modes that let others write are refused") {
  const ScratchDirectory scratch;
  for (const mode_t mode : {0775U, 0757U, 01777U, 04755U}) {
    CHECK(containsAll(errorOf([&] {
                        createDirectory({scratch.file("d"), mode, {}, {}});
                      }),
                      {"only its owner may write"}));
  }
  CHECK(scratch.names().empty());
}

TEST_CASE("an existing directory of somebody else must be as asked") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  makeDirectoryAt(scratch.file("theirs"), 0755, 61001);
  makeDirectoryAt(scratch.file("sticky"), 01777);
  CHECK(containsAll(errorOf([&] {
                      createDirectory({scratch.file("theirs"), 0700, {}, {}});
                    }),
                    {"uid 61001", "mode 0755", "mode 0700 as configured"}));
  CHECK(containsAll(errorOf([&] {
                      createDirectory({scratch.file("sticky"), 0755, {}, {}});
                    }),
                    {"mode 1777"}));
  CHECK(modeOf(scratch.file("theirs")) == 0755);
  CHECK(modeOf(scratch.file("sticky")) == 01777);
  CHECK(errorOf([&] {
          createDirectory({scratch.file("theirs"), 0755, uid_t{61001}, {}});
        }).empty());
}

TEST_CASE("search is granted by ACL, survives the next start and opens only the way through") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  const DirectoryOptions options{scratch.file("d"), 0700, {}, {}};
  createDirectory(options);
  const SocketFile socket({scratch.file("d/socket"),
                           SocketKind::Stream,
                           {std::nullopt, std::nullopt, 0600, {{61002, false}, {62002, true}}},
                           4});
  CHECK(connectAs({61002, 61002}, socket.path()) == EACCES);
  grantSearch(options.path, {{61002, false}});
  grantSearch(options.path, {{62002, true}});
  createDirectory(options);
  CHECK(connectAs({61002, 61002}, socket.path()) == 0);
  CHECK(connectAs({61003, 61003, {62002}}, socket.path()) == 0);
  CHECK(connectAs({61003, 61003}, socket.path()) == EACCES);
  CHECK(runAs({61002, 61002}, [&] { return ::access(options.path.c_str(), R_OK) == 0 ? 1 : 0; }) ==
        0);
  REQUIRE(::chmod(options.path.c_str(), 0755) == 0);
  createDirectory(options);  // Mended; the entries are kept.
  CHECK(connectAs({61002, 61002}, socket.path()) == 0);
  CHECK(connectAs({61003, 61003}, socket.path()) == EACCES);
}

}  // namespace peerpool::net
