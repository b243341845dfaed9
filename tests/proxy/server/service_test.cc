// What the manager hears, and that it hears nothing when a worker hangs.

#include "proxy/server/service.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/proxy/server/notify_socket.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

/// A service with two workers that answer when they are told to.
struct Scene {
  explicit Scene(std::optional<std::chrono::microseconds> watchdog = std::chrono::seconds(2)) {
    service.emplace(Service::Parts{loop, directory / "notify", watchdog, 2,
                                   [this](std::size_t worker, event::Job answer) {
                                     asked.push_back(worker);
                                     answers.push_back(std::move(answer));
                                   },
                                   [this] { return figures; }});
  }
  /// All that has been said, each with a semicolon behind it.
  [[nodiscard]] std::string heard() const {
    std::string all;
    for (std::string text = manager.receive(); !text.empty(); text = manager.receive()) {
      all += text + ';';
    }
    return all;
  }
  void passTime(Duration time) {
    now += time;
    loop.timers().fire(now);
  }
  void answer(std::size_t index) {
    answers.at(index)();
    loop.turn(TimePoint{});  // What was posted runs.
  }

  testing::TempDir directory;
  NotifySocket manager{directory / "notify"};
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  TimePoint now = loop.now();
  std::string figures = "0 clients";
  std::vector<std::size_t> asked;
  std::vector<event::Job> answers;
  std::optional<Service> service;
};

TEST_CASE("Nothing is said before it is ready, then READY, figures, and later what changed") {
  Scene scene;
  scene.passTime(Duration(60'000));
  CHECK(scene.heard().empty());
  scene.service->notifyReady();
  CHECK(scene.heard() == "READY=1;");
  scene.passTime(Duration(1));
  CHECK(scene.heard() == "STATUS=0 clients;");
  scene.passTime(Service::kStatusPeriod);
  CHECK(scene.heard().empty());
  scene.figures = "1 clients";
  scene.passTime(Service::kStatusPeriod);
  CHECK(scene.heard() == "STATUS=1 clients;");
}

TEST_CASE("The watchdog is fed only after every worker has answered, twice in its time") {
  Scene scene;
  scene.service->notifyReady();
  scene.passTime(Duration(0));
  CHECK(scene.heard() == "READY=1;STATUS=0 clients;");
  REQUIRE(scene.asked == std::vector<std::size_t>{0, 1});
  scene.answer(1);
  CHECK(scene.heard().empty());
  scene.answer(0);
  CHECK(scene.heard() == "WATCHDOG=1;");
  scene.passTime(Duration(999));
  CHECK(scene.asked.size() == 2);
  scene.passTime(Duration(1));
  REQUIRE(scene.asked.size() == 4);
  scene.answer(2);
  scene.answer(3);
  CHECK(scene.heard() == "WATCHDOG=1;");
}

TEST_CASE("A worker that hangs makes the watchdog silent until it turns again") {
  Scene scene;
  scene.service->notifyReady();
  scene.passTime(Duration(0));
  scene.answer(0);
  CHECK(scene.heard() == "READY=1;STATUS=0 clients;");
  for (int period = 0; period < 8; ++period) {
    scene.passTime(Duration(1'000));
  }
  CHECK(scene.heard().empty());
  CHECK(scene.asked.size() == 2);  // No crowd of questions waits for it.
  scene.answer(1);
  CHECK(scene.heard() == "WATCHDOG=1;");
}

TEST_CASE("Without a watchdog no worker is asked, and a reload ends with READY again") {
  Scene scene(std::nullopt);
  scene.service->notifyReady();
  scene.passTime(Duration(60'000));
  CHECK(scene.asked.empty());
  CHECK(scene.heard() == "READY=1;STATUS=0 clients;");
  scene.service->notifyReloading();
  CHECK(scene.heard().find("RELOADING=1\nMONOTONIC_USEC=") == 0);
  scene.service->notifyReady();
  scene.service->notifyStopping();
  CHECK(scene.heard() == "READY=1;STOPPING=1;");
}

TEST_CASE("A reload that begins or ends during the stop does not make the service ready again") {
  Scene scene;
  scene.service->notifyReady();
  scene.service->notifyReloading();
  scene.service->notifyStopping();
  static_cast<void>(scene.heard());
  scene.service->notifyReady();
  scene.service->notifyReloading();
  CHECK(scene.heard().empty());
}

}  // namespace
}  // namespace peerpool::server
