// Directories above a socket, in a made-up file system and once in the real one.

#include "auth/socket_parents.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/check_fixture.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Texts = std::vector<std::string>;

Texts parentProblems(const FakeFiles& files, const Identity& service = test::service()) {
  config::Diagnostics out;
  checkParents(configOf({}).listeners[0], files, service, out);
  return texts(out);
}

TEST_CASE("the directories above a path are listed from the root") {
  CHECK(parentsOf("/run/peerpool/pg.sock") == Texts{"/", "/run", "/run/peerpool"});
  CHECK(parentsOf("/s") == Texts{"/"});
  CHECK(parentsOf("s").empty());
}

TEST_CASE("directories of root and of the service are fine") {
  FakeFiles files;
  CHECK(parentProblems(files).empty());
  files.facts.erase("/run/peerpool");
  CHECK(parentProblems(files).empty());
}

TEST_CASE(
    "directories that others may write are errors, a sticky one of root's a warning (check 17)") {
  struct Row {
    uid_t owner;
    mode_t mode;
    const char* problem;
  };
  const char kWritable[] =
      "may be written by others: they can put their own socket in place of ours";
  const Row rows[] = {{kServiceUid, 0777, kWritable},
                      {kServiceUid, 0775, kWritable},
                      {kServiceUid, 02775, kWritable},
                      {kServiceUid, 01777, kWritable},
                      {0, 0757, kWritable},
                      {0, 01777,
                       "may be written by others: they can take the socket's name before "
                       "peerpool"}};
  for (const Row& row : rows) {
    FakeFiles files;
    files.directory("/run/peerpool", row.owner, 0, row.mode);
    const bool warning = row.owner == 0 && row.mode == 01777;
    CHECK(parentProblems(files) ==
          Texts{std::string(warning ? "warning" : "error") +
                " listeners.pg.path: directory /run/peerpool (owner uid " +
                std::to_string(row.owner) + ", mode " + modeText(row.mode) + ") " + row.problem});
  }
}

TEST_CASE("a stranger's directory is an error") {
  FakeFiles files;
  files.directory("/run/peerpool", 1001, 1001, 0755);
  CHECK(parentProblems(files) ==
        Texts{"error listeners.pg.path: directory /run/peerpool (owner uid 1001, mode 0755) "
              "belongs neither to root nor to uid 900, which peerpool runs as"});
  // Root may be checking for a service that is somebody else.
  CHECK(parentProblems(files, peer(0))[0].substr(0, 7) == "warning");
}

TEST_CASE("a symbolic link is an error that names the real path") {
  FakeFiles files;
  files.facts["/run"] = {PathFacts::Kind::Symlink, 0, 0, 0777, false, "/mnt/run"};
  config::Diagnostics out;
  checkParents(configOf({}).listeners[0], files, service(), out);
  REQUIRE(texts(out) == Texts{"error listeners.pg.path: /run is a symbolic link"});
  CHECK(out.sorted()[0].hint == "write /mnt/run/peerpool/pg.sock");
  files.facts["/run"].kind = PathFacts::Kind::Other;
  CHECK(parentProblems(files) == Texts{"error listeners.pg.path: /run is not a directory"});
}

TEST_CASE("what stands at the path and is no socket is a warning") {
  const auto problemsWith = [](PathFacts::Kind kind) {
    FakeFiles files;
    files.facts["/run/peerpool/pg.sock"] = {kind, 0, 0, 0600, false, {}};
    return parentProblems(files);
  };
  const std::string start = "warning listeners.pg.path: /run/peerpool/pg.sock is ";
  const std::string end = ", and peerpool replaces only a socket";
  CHECK(problemsWith(PathFacts::Kind::Directory) == Texts{start + "a directory" + end});
  CHECK(problemsWith(PathFacts::Kind::File) == Texts{start + "a file" + end});
  CHECK(problemsWith(PathFacts::Kind::Symlink) == Texts{start + "a symbolic link" + end});
  CHECK(problemsWith(PathFacts::Kind::Other).empty());
}

TEST_CASE("what cannot be looked at is a warning") {
  FakeFiles files;
  files.unreadable = "/run/peerpool";
  CHECK(parentProblems(files) ==
        Texts{"warning listeners.pg.path: cannot be checked: /run/peerpool: Permission denied"});
}

Texts ownershipProblems(const config::Config& config, const FakeFiles& files,
                        const Identity& service) {
  FakeAccounts accounts;
  config::Diagnostics out;
  config::Diagnostics ignored;
  NameResolver names(accounts, files, ignored);
  checkOwnership(config, config.listeners[0], files, service, names, out);
  return texts(out);
}

TEST_CASE("a group that the service cannot set is an error unless its directory gives it") {
  config::Config config = configOf({});
  config.listeners[0].group = name("clients");
  FakeFiles files;
  const Texts refused{
      "error listeners.pg.group: peerpool runs as uid 900, which is not in group clients and so "
      "cannot give the socket to it"};
  CHECK(ownershipProblems(config, files, service()) == refused);
  CHECK(ownershipProblems(config, files, peer(0)).empty());
  CHECK(ownershipProblems(config, files, peer(kServiceUid, "", {1300})).empty());
  files.directory("/run/peerpool", kServiceUid, 1300, 02755);
  CHECK(ownershipProblems(config, files, service()).empty());
  files.directory("/run/peerpool", kServiceUid, 1200, 02755);
  CHECK(ownershipProblems(config, files, service()) == refused);
  files.facts.erase("/run/peerpool");
  CHECK(ownershipProblems(config, files, service()) == refused);
  config::Directory directory;
  directory.path = "/run/peerpool";
  directory.create = true;
  directory.mode = 02750;
  directory.group = name("clients");
  config.directories.push_back(directory);
  CHECK(ownershipProblems(config, files, service()).empty());
}

TEST_CASE("only root gives a socket to another user") {
  config::Config config = configOf({});
  config.listeners[0].owner = name("alice");
  CHECK(ownershipProblems(config, FakeFiles(), service()) ==
        Texts{"error listeners.pg.owner: only root can give a socket to user alice"});
  CHECK(ownershipProblems(config, FakeFiles(), alice()).empty());
  CHECK(ownershipProblems(config, FakeFiles(), peer(0)).empty());
}

TEST_CASE("the real file system is looked at without following links") {
  const testing::TempDir scratch;
  const std::string link = scratch / "link";
  REQUIRE(::symlink("/usr", link.c_str()) == 0);
  const SystemFileFacts files;
  const auto directory = files.look(scratch.path());
  const auto linked = files.look(link);
  const auto missing = files.look(scratch / "none/deeper");
  const auto beyond = files.look("/dev/null/x");
  REQUIRE((directory && *directory));
  CHECK((*directory)->kind == PathFacts::Kind::Directory);
  CHECK((*directory)->mode == 0755);
  CHECK((*directory)->owner == ::geteuid());
  CHECK_FALSE((*directory)->has_acl);
  REQUIRE((linked && *linked));
  CHECK((*linked)->kind == PathFacts::Kind::Symlink);
  CHECK((*linked)->real_path == "/usr");
  REQUIRE(missing);
  CHECK_FALSE(*missing);
  REQUIRE(beyond);
  CHECK_FALSE(*beyond);
}

}  // namespace
}  // namespace peerpool::auth
