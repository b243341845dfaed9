// What others do to the socket file of a running peerpool.

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string auditTo(const std::string& path) {
  return "audit: { to: \"file:" + path + "\", required: true }\n";
}

bool audited(const std::string& path, const std::string& action, const std::string& what) {
  return eventually([&] {
    const std::string log = exists(path) ? readFile(path) : "";
    const std::size_t at = log.find("\"event.action\":\"" + action + '"');
    return at != std::string::npos && log.find(what, at) != std::string::npos;
  });
}

}  // namespace

TEST_CASE(
    "a socket file that somebody opened to all is audited and, with repair, closed (check 22)") {
  const bool repair = GENERATE(false, true);
  CAPTURE(repair);
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"),
               .listener = repair ? "    repair: true\n" : "",
               .top = auditTo(path)});
  Pq before = scene.connect();
  REQUIRE(before.exec("SELECT 1").ok);
  const mode_t mode = permissionsOf(scene.socketPath());
  const mode_t other = mode == 0777 ? 0700 : 0777;
  REQUIRE(::chmod(scene.socketPath().c_str(), other) == 0);
  CHECK(audited(path, "socket-drift", "\"peerpool.actual\":\"mode 0"));
  if (repair) {
    CHECK(audited(path, "socket-mended", "\"peerpool.expected\":\"mode 0"));
    CHECK(eventually([&] { return permissionsOf(scene.socketPath()) == mode; }));
  } else {
    CHECK(eventually([&] {
      return scene.peerpool().status({}).output.find("listener pg: " + scene.socketPath() +
                                                     " is mode 0") != std::string::npos;
    }));
    CHECK(permissionsOf(scene.socketPath()) == other);
    REQUIRE(scene.peerpool().reload().ok());  // The other way to mend it.
    CHECK(permissionsOf(scene.socketPath()) == mode);
  }
  CHECK(before.exec("SELECT 2").value() == "2");
  CHECK(scene.connect().connected());
}

TEST_CASE("a socket file that somebody removed is there again with repair (check 22)") {
  const TempDir directory;
  const std::string path = directory / "audit.jsonl";
  Scene scene(
      {.rules = everybodyMayBe("app"), .listener = "    repair: true\n", .top = auditTo(path)});
  REQUIRE(::unlink(scene.socketPath().c_str()) == 0);
  CHECK(audited(path, "socket-mended", "\"peerpool.actual\":\"removed\""));
  CHECK(scene.connect().exec("SELECT 1").ok);
  scene.stopPeerpool();
  CHECK_FALSE(exists(scene.socketPath()));
}

}  // namespace peerpool::testing
