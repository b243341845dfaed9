// What others do to the socket files of doors.

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>

#include "proxy/server/doors.h"
#include "tests/proxy/server/server_fakes.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using testing::TempDir;

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool connects(const std::string& path) {
  const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = addressOf(path);
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

UniqueFd listenAt(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = addressOf(path);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd.get(), 4) == 0);
  return fd;
}

ino_t inodeOf(const std::string& path) {
  struct stat file {};
  return ::lstat(path.c_str(), &file) == 0 ? file.st_ino : 0;
}

struct Scene {
  explicit Scene(bool repair) {
    plan = DoorPlan{"pg", {}, repair};
    plan.file.path = path;
    plan.file.access.mode = 0660;
    doors.open({plan});
  }
  /// Turns until `count` events are there, or too long.
  [[nodiscard]] bool waitFor(std::size_t count) {
    const TimePoint deadline = loop.now() + Duration(20'000);
    while (events.size() < count && loop.now() < deadline) {
      loop.turn(loop.now() + Duration(100));
    }
    return events.size() == count;
  }
  void pass(Duration time) {
    for (const TimePoint end = loop.now() + time; loop.now() < end;) {
      loop.turn(end);
    }
  }

  TempDir directory;
  std::string path = directory / "socket";
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  FakeLog log;
  std::vector<AuditEvent> events;
  DoorPlan plan;
  Doors doors{loop, log, [](const UniqueFd& /*fd*/, const std::string& /*listener*/) {},
              [](int /*error*/, const std::string& /*listener*/) {},
              [this](AuditEvent event) { events.push_back(std::move(event)); }};
};

TEST_CASE("A mode changed by somebody else is told once and stays, without repair") {
  Scene scene(false);
  REQUIRE(::chmod(scene.path.c_str(), 0666) == 0);
  REQUIRE(scene.waitFor(1));
  CHECK(scene.events[0].action == AuditAction::SocketDrift);
  CHECK(scene.events[0].expected.find("mode 0660") == 0);
  CHECK(scene.events[0].actual.find("mode 0666") == 0);
  CHECK(scene.doors.drift().size() == 1);
  scene.pass(2 * Doors::kLookAgain + Duration(100));
  CHECK(scene.events.size() == 1);
  CHECK(testing::permissionsOf(scene.path) == 0666);
  REQUIRE(::chmod(scene.path.c_str(), 0660) == 0);
  REQUIRE(scene.waitFor(2));
  CHECK(scene.events[1].action == AuditAction::SocketMended);
  CHECK(scene.doors.drift().empty());
}

TEST_CASE("A changed mode is put back by repair, in the same file") {
  Scene scene(true);
  const ino_t before = inodeOf(scene.path);
  REQUIRE(::chmod(scene.path.c_str(), 0666) == 0);
  REQUIRE(scene.waitFor(2));
  CHECK(scene.events[0].action == AuditAction::SocketDrift);
  CHECK(scene.events[1].action == AuditAction::SocketMended);
  CHECK(testing::permissionsOf(scene.path) == 0660);
  CHECK(inodeOf(scene.path) == before);
  scene.pass(Doors::kLookAgain + Duration(100));
  CHECK(scene.events.size() == 2);  // Our own change is none.
}

TEST_CASE("Who changes a file all the time fills no log with it") {
  Scene scene(true);
  const TimePoint end = scene.loop.now() + 10 * Doors::kPause;
  while (scene.loop.now() < end) {
    REQUIRE(::chmod(scene.path.c_str(), 0666) == 0);
    scene.loop.turn(scene.loop.now() + Duration(1));
  }
  CHECK(scene.events.size() >= 2);
  CHECK(scene.events.size() <= 2 * (10 + 2));
}

TEST_CASE("A removed file is made anew by repair, and another process can connect again") {
  Scene scene(true);
  REQUIRE(::unlink(scene.path.c_str()) == 0);
  REQUIRE(scene.waitFor(2));
  CHECK(scene.events[0].actual == "removed");
  CHECK(connects(scene.path));
  CHECK(testing::permissionsOf(scene.path) == 0660);
  scene.pass(Duration(300));  // The old listener lingers, then goes.
  CHECK(connects(scene.path));
  REQUIRE(::unlink(scene.path.c_str()) == 0);
  CHECK(scene.waitFor(4));
}

TEST_CASE("A live socket of somebody else and a link are left alone, and a stale one is replaced") {
  Scene scene(true);
  REQUIRE(::unlink(scene.path.c_str()) == 0);
  UniqueFd other = listenAt(scene.path);
  const ino_t theirs = inodeOf(scene.path);
  REQUIRE(scene.waitFor(1));
  CHECK(scene.events[0].reason.find("a process is bound to it") != std::string::npos);
  scene.pass(2 * Doors::kLookAgain);
  CHECK(scene.events.size() == 1);
  CHECK(inodeOf(scene.path) == theirs);
  other.reset();
  REQUIRE(scene.waitFor(2));
  CHECK(scene.events[1].action == AuditAction::SocketMended);
  CHECK(connects(scene.path));
}

TEST_CASE("Repair follows no symbolic link and touches nothing behind it") {
  Scene scene(true);
  testing::writeFile(scene.directory / "victim", "mine");
  REQUIRE(::chmod((scene.directory / "victim").c_str(), 0600) == 0);
  REQUIRE(::unlink(scene.path.c_str()) == 0);
  REQUIRE(::symlink((scene.directory / "victim").c_str(), scene.path.c_str()) == 0);
  REQUIRE(scene.waitFor(1));
  CHECK(scene.events[0].reason.find("only a stale socket is replaced") != std::string::npos);
  CHECK(testing::readFile(scene.directory / "victim") == "mine");
  CHECK(testing::permissionsOf(scene.directory / "victim") == 0600);
  char target[8];
  CHECK(::readlink(scene.path.c_str(), target, sizeof target) > 0);
}

TEST_CASE("What a reload changes is no drift, and a reload mends") {
  Scene scene(false);
  scene.plan.file.access.mode = 0600;
  scene.doors.open({scene.plan});
  scene.pass(Doors::kLookAgain + Duration(100));
  CHECK(scene.events.empty());
  REQUIRE(::chmod(scene.path.c_str(), 0666) == 0);
  scene.doors.open({scene.plan});
  CHECK(testing::permissionsOf(scene.path) == 0600);
}

}  // namespace
}  // namespace peerpool::server
