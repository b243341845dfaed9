// Where processes with and without rights meet.

#include "proxy/server/runtime_directory.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

TEST_CASE("The option wins over the environment, root has a default") {
  struct Case {
    RuntimePlace place;
    std::string expected;
  };
  const auto [place, expected] = GENERATE(values<Case>({
      {{"/o", "/r", "/x", true}, "/o"},
      {{"/o/", "", "", false}, "/o"},
      {{"/o/../p/./q", "", "", false}, "/p/q"},
      {{"", "/r", "/x", true}, "/r"},
      {{"", "", "/x", true}, "/run/peerpool"},
      {{"", "", "/run/user/1000", false}, "/run/user/1000/peerpool"},
      {{"", "", "", false}, ""},
  }));
  CHECK(runtimeDirectory(place) == expected);
}

TEST_CASE("A relative runtime directory becomes absolute") {
  const std::string expected = (std::filesystem::current_path() / "run").string();
  CHECK(runtimeDirectory({"run", "", "", false}) == expected);
}

TEST_CASE("Each configuration has its own status socket, however it is written") {
  const testing::TempDir directory;
  testing::writeFile(directory / "a.yaml", "");
  testing::writeFile(directory / "b.yaml", "");
  std::filesystem::create_symlink(directory / "a.yaml", directory / "link.yaml");
  const std::string a = statusSocketPath("/run/x", directory / "a.yaml");
  CHECK(a.size() == std::string("/run/x/status-12345678.sock").size());
  CHECK(a.starts_with("/run/x/status-"));
  CHECK(a != statusSocketPath("/run/x", directory / "b.yaml"));
  CHECK(a == statusSocketPath("/run/x", directory / "./a.yaml"));
  CHECK(a == statusSocketPath("/run/x", directory / "link.yaml"));
  CHECK(statusSocketPath("/run/x", "/etc/peerpool/peerpool.yaml") ==
        "/run/x/status-a38bdf07.sock");  // Stays the same from build to build.
}

TEST_CASE("A missing runtime directory is made, an existing one is left as it is") {
  const testing::TempDir directory;
  const auto mode = [](const std::string& path) {
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 07777;
  };
  makeRuntimeDirectory(directory / "run");
  CHECK(mode(directory / "run") == 0755);
  REQUIRE(::chmod((directory / "run").c_str(), 0750) == 0);
  makeRuntimeDirectory(directory / "run");
  CHECK(mode(directory / "run") == 0750);
  CHECK_THROWS(makeRuntimeDirectory("/proc/no/such"));
}

}  // namespace
}  // namespace peerpool::server
