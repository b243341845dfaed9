// Socket files that are exchanged while somebody connects to them.

#include "proxy/server/doors.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "tests/proxy/server/server_fakes.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

DoorPlan planFor(const std::string& path, mode_t mode) {
  DoorPlan plan{path, {}, false};
  plan.file.path = path;
  plan.file.access.mode = mode;
  return plan;
}

/// 0, or what connect(2) says; a full backlog is no harm.
int connectTo(const std::string& path) {
  const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int result =
      ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return result == 0 || errno == EAGAIN ? 0 : errno;
}

TEST_CASE("Nobody is refused while doors are exchanged and put back because one cannot be made") {
  const testing::TempDir directory;
  const std::string path = directory / "socket";
  testing::writeFile(directory / "occupied", "no socket");
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  FakeLog log;
  Doors doors(
      loop, log, [](const UniqueFd& /*fd*/, const std::string& /*listener*/) {},
      [](int /*error*/, const std::string& /*listener*/) {});
  doors.open({planFor(path, 0600)});
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::thread hammer([&] {
    while (!done) {
      refused = connectTo(path) == 0 ? refused.load() : refused + 1;
    }
  });
  for (int round = 0; round < 500; ++round) {
    CHECK_THROWS_AS(doors.open({planFor(path, 0666), planFor(directory / "occupied", 0600)}),
                    std::runtime_error);
    for (int turn = 0; turn < 10; ++turn) {
      loop.turn(TimePoint{});
    }
  }
  done = true;
  hammer.join();
  CHECK(refused == 0);
  CHECK(doors.size() == 1);
  CHECK(testing::permissionsOf(path) == 0600);
}

}  // namespace
}  // namespace peerpool::server
