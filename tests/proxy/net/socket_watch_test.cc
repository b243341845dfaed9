// A socket's path seen from afar: the name appears, the directory goes and comes.

#include "proxy/net/socket_watch.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/proxy/net/file_fixture.h"

namespace peerpool::net {
namespace {

namespace fs = std::filesystem;

/// A loop with one watch, and how often it spoke.
struct Scene {
  explicit Scene(const std::string& name)
      : path(directory.file(name)), watch(loop, path, [this] { ++seen; }) {}
  /// All that the kernel has to say by now.
  int news() {
    seen = 0;
    for (int i = 0; i < 3; ++i) {
      loop.turn(TimePoint::min());
    }
    return seen;
  }

  ScratchDirectory directory;
  event::EventLoop loop{{std::size_t{1} << 20, event::FlusherKind::Send}};
  std::string path;
  int seen = 0;
  SocketWatch watch;
};

}  // namespace

TEST_CASE("A socket that appears is seen, however it comes") {
  Scene scene("pg.sock");
  REQUIRE(scene.watch.active());
  CHECK(scene.news() == 0);
  {
    const UniqueFd bound = bindPlainly(scene.path);
    CHECK(scene.news() == 1);
  }
  fs::remove(scene.path);
  CHECK(scene.news() == 0);
  const UniqueFd elsewhere = bindPlainly(scene.directory.file("new"));
  CHECK(scene.news() == 0);
  fs::rename(scene.directory.file("new"), scene.path);
  CHECK(scene.news() == 1);
}

TEST_CASE("Other names in the directory say nothing") {
  Scene scene("pg.sock");
  for (const char* name : {"pg.sock.lock", "pg", "pg.soc", "other"}) {
    writeFile(scene.directory.file(name), "");
  }
  CHECK(scene.news() == 0);
}

TEST_CASE("A directory that is removed and made again is followed") {
  Scene scene("run/postgresql/pg.sock");
  const std::string directory = scene.directory.file("run/postgresql");
  CHECK(scene.watch.active());
  fs::create_directories(directory);
  (void)scene.news();
  UniqueFd bound = bindPlainly(scene.path);
  CHECK(scene.news() >= 1);
  fs::remove_all(scene.directory.file("run"));
  (void)scene.news();
  fs::create_directory(scene.directory.file("run"));
  (void)scene.news();
  fs::create_directory(directory);
  (void)scene.news();
  bound = bindPlainly(scene.path);
  CHECK(scene.news() >= 1);
}

TEST_CASE("A directory that comes with the socket in it is seen at once") {
  Scene scene("run/pg.sock");
  fs::create_directory(scene.directory.file("other"));
  const UniqueFd bound = bindPlainly(scene.directory.file("other/pg.sock"));
  fs::rename(scene.directory.file("other"), scene.directory.file("run"));
  CHECK(scene.news() >= 1);
}

TEST_CASE("A directory that is replaced by another is left for it") {
  Scene scene("run/pg.sock");
  fs::create_directory(scene.directory.file("run"));
  (void)scene.news();
  fs::rename(scene.directory.file("run"), scene.directory.file("old"));
  fs::create_directory(scene.directory.file("run"));
  (void)scene.news();
  const UniqueFd old = bindPlainly(scene.directory.file("old/pg.sock"));
  CHECK(scene.news() == 0);
  const UniqueFd bound = bindPlainly(scene.path);
  CHECK(scene.news() >= 1);
}

TEST_CASE("A file in the place of a directory is no reason to spin") {
  Scene scene("run/pg.sock");
  writeFile(scene.directory.file("run"), "");
  CHECK(scene.news() <= 3);
  CHECK(scene.news() == 0);
}

}  // namespace peerpool::net
