// CancelRequests over real sockets: what is sent, when a cancel has ended, and how many there are
// at once.

#include "proxy/postgres/server_cancels.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <vector>

#include "proxy/net/address.h"
#include "tests/support/socket_pair.h"
#include "tests/support/temp_dir.h"

using namespace peerpool;
using postgres::CancelOutcome;
using postgres::CancelTarget;
using postgres::ServerCancels;

namespace {

class User final : public postgres::CancelUser {
 public:
  void onCancelEnded(CancelOutcome outcome) override { outcomes.push_back(outcome); }
  std::vector<CancelOutcome> outcomes;
};

// A backend's socket, and a loop with cancels that go there.
struct Scene {
  Scene() {
    const net::UnixAddress address(path);
    listener.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(listener.get(), address.get(), address.size()) == 0);
    REQUIRE(::listen(listener.get(), 64) == 0);
  }
  CancelTarget target(const std::string& key = "0123") const {
    return {path, [](int) { return std::nullopt; }, 7, auth::Secret(asBytes(key))};
  }
  UniqueFd accept() const {
    return UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  void turn() {
    for (int i = 0; i < 5; ++i) {
      loop.turn(TimePoint::min());
    }
  }

  testing::TempDir directory;
  std::string path = directory / "backend";
  UniqueFd listener;
  event::EventLoop loop{event::EventLoop::Options{}};
  ServerCancels cancels{loop};
  User user;
};

}  // namespace

TEST_CASE("a cancel sends the key, and has ended when the backend closes") {
  Scene scene;
  for (const std::string& key : {std::string("0123"), std::string(256, 'k')}) {
    scene.user.outcomes.clear();
    scene.cancels.start(scene.target(key), scene.user);
    scene.turn();
    UniqueFd backend = scene.accept();
    REQUIRE(backend);
    std::string expected;
    appendUint32(expected, static_cast<std::uint32_t>(12 + key.size()));
    appendUint32(expected, 80877102);
    appendUint32(expected, 7);
    CHECK(testing::receiveAll(backend.get()) == expected + key);
    CHECK(scene.user.outcomes.empty());
    backend.reset();
    scene.turn();
    CHECK(scene.user.outcomes == std::vector{CancelOutcome::Done});
    CHECK(scene.cancels.size() == 0);
  }
}

TEST_CASE("nothing is sent to a process that is not the expected one, or is not there") {
  Scene scene;
  CancelTarget impostor = scene.target();
  impostor.unexpected_peer = [](int) { return std::optional<std::string>("somebody else"); };
  scene.cancels.start(std::move(impostor), scene.user);
  scene.turn();
  CHECK(scene.user.outcomes == std::vector{CancelOutcome::NotSent});
  const UniqueFd backend = scene.accept();
  CHECK(testing::receiveAll(backend.get()).empty());
  CancelTarget nobody = scene.target();
  nobody.socket_path += ".gone";
  scene.cancels.start(std::move(nobody), scene.user);
  CHECK(scene.user.outcomes.size() == 1);  // Never from inside start().
  scene.turn();
  CHECK(scene.user.outcomes.size() == 2);
  CHECK(scene.user.outcomes.back() == CancelOutcome::NotSent);
}

TEST_CASE("a backend that does not close leaves the outcome unknown at the deadline") {
  Scene scene;
  scene.cancels.start(scene.target(), scene.user);
  scene.turn();
  const UniqueFd backend = scene.accept();
  scene.loop.timers().fire(scene.loop.now() + ServerCancels::kDeadline);
  CHECK(scene.user.outcomes == std::vector{CancelOutcome::Unknown});
  CHECK(scene.cancels.size() == 0);
}

TEST_CASE("more cancels than may run at once wait their turn, and no longer than the deadline") {
  Scene scene;
  const std::size_t count = ServerCancels::kMostAtOnce + 3;
  for (std::size_t i = 0; i < count; ++i) {
    scene.cancels.start(scene.target(), scene.user);
  }
  scene.turn();
  std::vector<UniqueFd> backends;
  for (UniqueFd next = scene.accept(); next; next = scene.accept()) {
    backends.push_back(std::move(next));
  }
  CHECK(backends.size() == ServerCancels::kMostAtOnce);
  backends.pop_back();
  scene.turn();
  CHECK(scene.user.outcomes == std::vector{CancelOutcome::Done});
  CHECK(scene.accept());
  const TimePoint deadline = scene.loop.now() + ServerCancels::kDeadline;
  scene.loop.timers().fire(deadline);
  scene.loop.timers().fire(deadline);  // Those whose turn came only now.
  CHECK(scene.user.outcomes.size() == count);
  CHECK(scene.cancels.size() == 0);
}

TEST_CASE("a backend that hangs does not keep another one from being asked") {
  Scene scene;
  for (std::size_t i = 0; i < ServerCancels::kMostAtOnce + 3; ++i) {
    scene.cancels.start(scene.target(), scene.user);
  }
  CancelTarget elsewhere = scene.target();
  elsewhere.socket_path += ".gone";
  scene.cancels.start(std::move(elsewhere), scene.user);
  scene.turn();
  CHECK(scene.user.outcomes == std::vector{CancelOutcome::NotSent});
}

TEST_CASE("a user that is forgotten is told nothing, and its cancel goes on") {
  Scene scene;
  scene.cancels.start(scene.target(), scene.user);
  scene.cancels.forget(scene.user);
  scene.turn();
  UniqueFd backend = scene.accept();
  CHECK_FALSE(testing::receiveAll(backend.get()).empty());
  backend.reset();
  scene.turn();
  CHECK(scene.user.outcomes.empty());
  CHECK(scene.cancels.size() == 0);
}
