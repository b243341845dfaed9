// Real accounts at a real socket file, with time of the test's own.

#include "proxy/server/kept_out.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>

#include "proxy/net/connector.h"
#include "proxy/server/doors.h"
#include "tests/proxy/server/server_fakes.h"
#include "tests/support/credentials.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

constexpr uid_t kFlooder = 61005;
constexpr uid_t kOther = 61006;

net::SocketFileOptions openToAll(const std::string& path) {
  net::SocketFileOptions options;
  options.path = path;
  options.access.mode = 0666;
  return options;
}

/// 0, or what connect(2) says to that account.
int connectAs(uid_t uid, const std::string& path) {
  const testing::ScopedCredentials guard(testing::Credentials{uid, uid});
  const net::ConnectResult result = net::connectUnix(path);
  return result.outcome == net::ConnectOutcome::Connected ? 0 : result.error;
}

/// One door that is open to everybody, and one more account by its access control list.
struct Scene {
  Scene() {
    REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    plan.listener = "pg";
    plan.file = openToAll(path);
    plan.file.access.acl = {{kFlooder, false}};
    doors.open({plan});
  }

  [[nodiscard]] int connectAs(uid_t uid) const {
    const testing::ScopedCredentials guard(testing::Credentials{uid, uid});
    const net::ConnectResult result = net::connectUnix(path);
    return result.outcome == net::ConnectOutcome::Connected ? 0 : result.error;
  }
  /// So many that accept is behind when it comes to the last of them.
  void flood() {
    for (std::size_t i = 0; i < Doors::kBehind; ++i) {
      CHECK(connectAs(kFlooder) == 0);
    }
  }
  void turn() {
    for (int i = 0; i < 10; ++i) {
      loop.turn(TimePoint::min());
    }
  }

  [[nodiscard]] bool complained() const {
    return std::any_of(log.events.begin(), log.events.end(),
                       [](const LogEvent& event) { return event.event == "access not changed"; });
  }

  testing::TempDir directory;
  std::string path = directory / "socket";
  testing::ManualClock clock;
  event::EventLoop loop{
      event::EventLoop::Options{.flusher = event::FlusherKind::Send, .clock = clock.reading()}};
  FakeLog log;
  DoorPlan plan;
  std::vector<bool> kept_out;
  Doors doors{loop, log,
              [this](const UniqueFd& /*fd*/, const std::string& listener) {
                kept_out.push_back(doors.keepOutFlood(listener, kFlooder));
              },
              [](int /*error*/, const std::string& /*listener*/) {}};
};

TEST_CASE("A uid that accept cannot keep up with is refused by the file for a second") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  Scene scene;
  CHECK(scene.connectAs(kFlooder) == 0);
  scene.turn();
  CHECK(scene.kept_out == std::vector<bool>{false});  // Alone, accept is not behind.
  scene.kept_out.clear();
  scene.flood();
  scene.turn();
  REQUIRE(scene.kept_out.size() == Doors::kBehind);
  CHECK(std::count(scene.kept_out.begin(), scene.kept_out.end(), true) == 1);
  CHECK(scene.kept_out.back());
  CHECK(scene.connectAs(kFlooder) == EACCES);
  CHECK(scene.connectAs(kOther) == 0);
  scene.clock.advance(KeptOut::kFor - Duration(1));
  scene.turn();
  CHECK(scene.connectAs(kFlooder) == EACCES);
  scene.clock.advance(Duration(1));
  scene.turn();
  CHECK(scene.connectAs(kFlooder) == 0);
  CHECK_FALSE(scene.complained());
}

TEST_CASE("A file that a reload puts in place of one with a list lets in whom it says") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  Scene scene;
  scene.flood();
  scene.turn();
  REQUIRE(scene.connectAs(kFlooder) == EACCES);
  SECTION("the same file: it still is kept out, and let in again") {
    scene.doors.open({scene.plan});
    CHECK(scene.connectAs(kFlooder) == EACCES);
  }
  SECTION("another one, and the end of the first") {
    scene.plan.file.access.acl.clear();
    scene.doors.open({scene.plan});
    CHECK(scene.connectAs(kFlooder) == 0);
  }
  SECTION("none") {
    scene.doors.close();
    CHECK(scene.connectAs(kFlooder) == ENOENT);
  }
  scene.clock.advance(KeptOut::kFor + Doors::kLinger);
  scene.turn();
  if (!scene.doors.closed()) {
    CHECK(scene.connectAs(kFlooder) == 0);
  }
  CHECK_FALSE(scene.complained());
}

TEST_CASE("Root, the file's owner and more than there is room for are not kept out") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const testing::TempDir directory;
  net::SocketFileOptions options = openToAll(directory / "socket");
  options.access.owner = kOther;
  net::SocketFile file(options);
  event::EventLoop loop{event::EventLoop::Options{.flusher = event::FlusherKind::Send}};
  FakeLog log;
  KeptOut kept_out(loop, file, log);
  CHECK_FALSE(kept_out.add(0));
  CHECK_FALSE(kept_out.add(kOther));
  for (uid_t i = 0; i < KeptOut::kMost; ++i) {
    CHECK(kept_out.add(70000 + i));
    CHECK_FALSE(kept_out.add(70000 + i));  // It is already.
  }
  CHECK_FALSE(kept_out.add(kFlooder));
  CHECK(log.events.empty());
}

TEST_CASE("Each uid is let in again in its own time") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const testing::TempDir directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  const net::SocketFileOptions options = openToAll(directory / "socket");
  net::SocketFile file(options);
  testing::ManualClock clock;
  event::EventLoop loop{
      event::EventLoop::Options{.flusher = event::FlusherKind::Send, .clock = clock.reading()}};
  FakeLog log;
  KeptOut kept_out(loop, file, log);
  const auto refused = [&](uid_t uid) { return connectAs(uid, options.path) == EACCES; };
  const auto halfLater = [&] {
    clock.advance(KeptOut::kFor / 2);
    loop.turn(clock.now());
  };
  CHECK(kept_out.add(kFlooder));
  halfLater();
  CHECK(kept_out.add(kOther));
  halfLater();
  CHECK_FALSE(refused(kFlooder));
  CHECK(refused(kOther));
  halfLater();
  CHECK_FALSE(refused(kOther));
  CHECK(loop.timers().next() == kNever);
}

TEST_CASE("What an administrator says about a file while somebody is kept out stays") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  Scene scene;
  scene.flood();
  scene.turn();
  REQUIRE(scene.connectAs(kFlooder) == EACCES);
  REQUIRE(::chmod(scene.path.c_str(), 0600) == 0);
  scene.clock.advance(KeptOut::kFor);
  scene.turn();
  CHECK(scene.connectAs(kFlooder) == EACCES);
  CHECK(scene.connectAs(kOther) == EACCES);
  CHECK(scene.complained());
}

TEST_CASE("What could not be written is written again") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const testing::TempDir directory;
  net::SocketFileOptions options = openToAll(directory / "socket");
  net::SocketFile file(options);
  testing::ManualClock clock;
  event::EventLoop loop{
      event::EventLoop::Options{.flusher = event::FlusherKind::Send, .clock = clock.reading()}};
  FakeLog log;
  KeptOut kept_out(loop, file, log);
  {
    const testing::ScopedCredentials guard(testing::Credentials{kOther, kOther});
    CHECK_FALSE(kept_out.add(kFlooder));  // Not our file.
  }
  CHECK(log.events.size() == 1);
  CHECK(loop.timers().next() == clock.now() + KeptOut::kFor);
  clock.advance(KeptOut::kFor);
  loop.turn(TimePoint::min());
  CHECK(loop.timers().next() == kNever);
  CHECK(kept_out.add(kFlooder));
}

TEST_CASE("A socket that somebody else made keeps nobody out") {
  Scene scene;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const UniqueFd other(pair[1]);
  scene.doors.adopt("passed", "/nowhere", UniqueFd(pair[0]));
  CHECK_FALSE(scene.doors.keepOutFlood("passed", kFlooder));
  CHECK_FALSE(scene.doors.keepOutFlood("unknown", kFlooder));
}

TEST_CASE(
    "Where the file system has no access control lists that is told once, and nobody is out") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const testing::TempDir directory;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("ramfs", directory.path().c_str(), "ramfs", 0, "mode=0755") != 0) {
      ::_exit(77);
    }
    net::SocketFileOptions options = openToAll(directory / "socket");
    try {
      net::SocketFile file(options);
      event::EventLoop loop{event::EventLoop::Options{.flusher = event::FlusherKind::Send}};
      FakeLog log;
      KeptOut kept_out(loop, file, log);
      const bool added = kept_out.add(kFlooder) || kept_out.add(kOther);
      ::_exit(!added && log.events.size() == 1 ? 0 : 1);
    } catch (const std::exception&) {
      ::_exit(2);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    testing::skipBecause("cannot mount a ramfs here");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace peerpool::server
