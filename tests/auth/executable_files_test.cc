// Programs of exe:, found at load or refused.

#include "auth/executable_files.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/check_fixture.h"
#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the fixture of this folder

FakeFiles machine() {
  FakeFiles files;
  files.directory("/usr", 0, 0, 0755);
  files.directory("/usr/bin", 0, 0, 0755);
  files.program("/usr/bin/psql");
  return files;
}

/// What is said of /usr/bin/psql; empty when it is found.
std::vector<std::string> complaints(const FakeFiles& files) {
  config::Diagnostics problems;
  ExecutableFiles executables(files, problems);
  const auto found = executables.resolve({"/usr/bin/psql", {}}, "exe");
  CHECK(found.has_value() != problems.hasErrors());
  if (found) {
    CHECK(*found == FileId{1, 42, 0});
  }
  return texts(problems);
}

TEST_CASE("A program of root's is known by its file from the load on") {
  CHECK(complaints(machine()).empty());
}

TEST_CASE("A program that is not there, or no program, is an error") {
  FakeFiles files = machine();
  files.facts.erase("/usr/bin/psql");
  CHECK(complaints(files) == std::vector<std::string>{"error exe: there is no file /usr/bin/psql"});
  files = machine();
  files.facts["/usr/bin/psql"].kind = PathFacts::Kind::Directory;
  CHECK(complaints(files) ==
        std::vector<std::string>{"error exe: /usr/bin/psql is not a regular file"});
  files = machine();
  files.unreadable = "/usr";
  CHECK(complaints(files) ==
        std::vector<std::string>{"error exe: cannot be looked at: /usr: Permission denied"});
}

TEST_CASE("A script is an error: its interpreter is what runs") {
  FakeFiles files = machine();
  files.script = "/usr/bin/psql";
  CHECK(complaints(files) ==
        std::vector<std::string>{"error exe: /usr/bin/psql is a script: what runs is its "
                                 "interpreter, with any script"});
}

TEST_CASE("A symbolic link is an error that says where it leads") {
  FakeFiles files = machine();
  files.facts["/usr/bin"].kind = PathFacts::Kind::Symlink;
  files.facts["/usr/bin"].real_path = "/opt/bin";
  config::Diagnostics problems;
  CHECK_FALSE(ExecutableFiles(files, problems).resolve({"/usr/bin/psql", {}}, "exe"));
  CHECK(problems.sorted().at(0).hint == "write /opt/bin/psql: what runs is the file at its end");
}

TEST_CASE("Whoever else may write the program or a directory above it decides what it is") {
  FakeFiles files = machine();
  files.program("/usr/bin/psql", 1001);
  CHECK(complaints(files) ==
        std::vector<std::string>{
            "error exe: /usr/bin/psql (owner uid 1001, mode 0755) does not belong to root"});
  files.program("/usr/bin/psql", 0, 0775);
  CHECK(
      complaints(files) ==
      std::vector<std::string>{
          "error exe: /usr/bin/psql (owner uid 0, mode 0775) may be written by others than root"});
  files = machine();
  files.directory("/usr", 1001, 0, 0755);
  CHECK(complaints(files) ==
        std::vector<std::string>{
            "error exe: /usr (owner uid 1001, mode 0755) does not belong to root"});
  files.directory("/usr", 0, 0, 0777);
  CHECK(complaints(files) ==
        std::vector<std::string>{
            "error exe: /usr (owner uid 0, mode 0777) may be written by others than root"});
  files.directory("/usr", 0, 0, 01777);
  CHECK(complaints(files).empty());
}

TEST_CASE("A policy with such a program cannot be made") {
  config::Matcher matcher = user("bob");
  matcher.process.executables = {{"/usr/bin/psql", {"policy.yaml", 9, 9}}};
  FakeAccounts accounts;
  const FakeFiles files;
  const auto config =
      std::make_shared<const config::Config>(configOf({allow("bob", who(matcher))}));
  try {
    const Policy policy(config, accounts, TimeZones(), files);
    FAIL("it was made");
  } catch (const config::InvalidConfig& invalid) {
    REQUIRE(invalid.diagnostics().size() == 1);
    CHECK(config::describe(invalid.diagnostics().front()).find("policy.yaml:9:9: error: ") == 0);
    CHECK(invalid.diagnostics().front().message == "there is no file /usr/bin/psql");
  }
}

TEST_CASE("Real files are known by their inodes, and scripts by their first bytes") {
  const testing::TempDir directory;
  testing::writeFile(directory / "program",
                     "\x7f"
                     "ELF");
  testing::writeFile(directory / "script", "#!/bin/sh\n");
  testing::writeFile(directory / "short", "#");
  const SystemFileFacts files;
  const auto program = files.look(directory / "program");
  const auto script = files.look(directory / "script");
  REQUIRE((program && *program && script && *script));
  CHECK((*program)->kind == PathFacts::Kind::File);
  CHECK_FALSE((*program)->id == (*script)->id);
  CHECK((*program)->id == files.look(directory / "program")->value().id);
  CHECK(files.isScript(directory / "script"));
  CHECK_FALSE(files.isScript(directory / "program"));
  CHECK_FALSE(files.isScript(directory / "short"));
  CHECK_FALSE(files.isScript(directory / "missing"));
}

}  // namespace
}  // namespace peerpool::auth
