// Status socket, its client, and the gathering of reports.

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "proxy/net/address.h"
#include "proxy/server/control_client.h"
#include "proxy/server/status_collector.h"
#include "proxy/server/status_socket.h"
#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using namespace std::chrono_literals;

event::EventLoop::Options smallLoop() { return {std::size_t{1} << 20, event::FlusherKind::Send}; }

/// A status socket on a loop of its own thread; answers its request's name, or nothing at all.
class Scene {
 public:
  explicit Scene(const StatusSocket::Limits& limits, bool silent = false)
      : socket_(
            loop_, path,
            [silent](const std::string& request, const AuditPeer&,
                     const StatusSocket::Answer& answer) {
              if (!silent) {
                answer(request);
              }
            },
            limits),
        thread_([this] { loop_.run(); }) {}
  ~Scene() {
    loop_.stop();
    thread_.join();
  }

  /// A connection that has said `words`.
  [[nodiscard]] UniqueFd say(const std::string& words) const {
    const net::UnixAddress address(path);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), address.get(), address.size()) == 0);
    // Fails where the other end has closed already; then there is no answer either.
    static_cast<void>(::send(fd.get(), words.data(), words.size(), MSG_NOSIGNAL));
    return fd;
  }

  testing::TempDir directory;
  std::string path = directory / "status.sock";

 private:
  event::EventLoop loop_{smallLoop()};
  StatusSocket socket_;
  std::thread thread_;
};

/// All that comes until the other end closes.
std::string readAll(const UniqueFd& fd) {
  std::string all;
  char piece[4096];
  for (ssize_t got = 0; (got = ::recv(fd.get(), piece, sizeof piece, 0)) > 0;) {
    all.append(piece, static_cast<std::size_t>(got));
  }
  return all;
}

TEST_CASE("One line in, one document out") {
  const Scene scene({});
  const Result<std::string> answer = askRunning(scene.path, "pools", 5s);
  REQUIRE(answer.has_value());
  CHECK(*answer == "pools\n");
}

TEST_CASE("A line without an end is cut off where lines must end") {
  const Scene scene({});
  CHECK(readAll(scene.say(std::string(1000, 'x'))) == std::string(64, 'x') + '\n');
}

TEST_CASE("A client that shut down its half still gets its answer") {
  const Scene scene({});
  const UniqueFd fd = scene.say("servers\n");
  ::shutdown(fd.get(), SHUT_WR);
  CHECK(readAll(fd) == "servers\n");
}

TEST_CASE("Silent clients, and answers that never come, end at their deadline") {
  StatusSocket::Limits limits;
  limits.request = 30ms;
  limits.answer = 30ms;
  const Scene scene(limits, true);
  CHECK(readAll(scene.say("")).empty());
  CHECK(readAll(scene.say("pools\n")).empty());
  CHECK_FALSE(askRunning(scene.path, "all", 5s).has_value());
}

TEST_CASE("More than a few at once are closed") {
  StatusSocket::Limits limits;
  limits.connections = 2;
  limits.request = 60s;
  const Scene scene(limits);
  const UniqueFd first = scene.say("");
  const UniqueFd second = scene.say("");
  CHECK(readAll(scene.say("")).empty());
  ::send(second.get(), "all\n", 4, MSG_NOSIGNAL);
  CHECK(readAll(second) == "all\n");
}

TEST_CASE("Only root and the service's own account are answered (check 54)") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const Scene scene({});
  {
    const testing::ScopedCredentials stranger(testing::Credentials{61001, 61001});
    const Result<std::string> refused = askRunning(scene.path, "all", 5s);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::Denied);
  }
  REQUIRE(::chmod(scene.path.c_str(), 0666) == 0);  // Not even then.
  const testing::ScopedCredentials stranger(testing::Credentials{61001, 61001});
  CHECK_FALSE(askRunning(scene.path, "all", 5s).has_value());
}

TEST_CASE("Nobody there is told from a dead socket") {
  const testing::TempDir directory;
  const Result<std::string> missing = askRunning(directory / "none", "all", 1s);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::Unreachable);
}

/// A collector whose workers answer when the test says so.
struct Gathering {
  event::EventLoop loop{smallLoop()};
  std::vector<std::function<void(admin::WorkerReport)>> asked;
  std::vector<std::pair<std::size_t, bool>> told;
  StatusCollector collector{loop, 2,
                            [this](std::size_t, std::function<void(admin::WorkerReport)> answer) {
                              asked.push_back(std::move(answer));
                            },
                            Duration(2'000)};

  void gather() {
    collector.gather([this](const std::vector<admin::WorkerReport>& reports, bool complete) {
      told.emplace_back(reports.size(), complete);
      for (std::size_t i = 1; i < reports.size(); ++i) {
        CHECK(reports[i - 1].worker < reports[i].worker);
      }
    });
  }
  void answer(std::size_t request, std::size_t worker) {
    admin::WorkerReport report;
    report.worker = worker;
    asked.at(request)(std::move(report));
    loop.turn(loop.now());
  }
};

TEST_CASE("Reports are joined in the workers' order, and requests share them") {
  Gathering scene;
  scene.gather();
  scene.gather();
  CHECK(scene.asked.size() == 2);
  scene.answer(1, 1);
  CHECK(scene.told.empty());
  scene.answer(0, 0);
  CHECK(scene.told == std::vector<std::pair<std::size_t, bool>>{{2, true}, {2, true}});
  scene.gather();
  CHECK(scene.asked.size() == 4);
}

TEST_CASE("A worker that does not answer in time is left out, and its late answer is dropped") {
  Gathering scene;
  scene.gather();
  scene.answer(0, 0);
  scene.loop.timers().fire(scene.loop.now() + Duration(2'000));
  CHECK(scene.told == std::vector<std::pair<std::size_t, bool>>{{1, false}});
  scene.gather();
  scene.answer(1, 1);  // Of the first round.
  scene.answer(2, 0);
  CHECK(scene.told.size() == 1);
  scene.answer(3, 1);
  CHECK(scene.told.back() == std::pair<std::size_t, bool>{2, true});
}

}  // namespace
}  // namespace peerpool::server
