// Socket files that come, go and change while clients connect.

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string with(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

void requireReload(Scene& scene, const std::string& config) {
  scene.peerpool().replaceConfig(config);
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  REQUIRE(finished.exit_code == 0);
}

constexpr char kOpen[] = "mode: \"0666\"\n    open_to_everybody: true";

TEST_CASE(
    "a listener's mode changes without one refused connect, and its clients stay (check 21)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  Pq staying = scene.connect();
  REQUIRE(staying.exec("SELECT 1").ok);
  std::atomic<bool> done{false};
  std::atomic<int> connected{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> hammers;
  for (int i = 0; i < 3; ++i) {
    hammers.emplace_back([&] {
      while (!done) {
        (scene.connect().connected() ? connected : failed)++;
      }
    });
  }
  for (int round = 0; round < 20; ++round) {
    const bool narrow = round % 2 == 0;
    requireReload(scene, narrow ? with(scene.config(), kOpen, "mode: \"0660\"") : scene.config());
    CHECK(permissionsOf(scene.socketPath()) == (narrow ? 0660U : 0666U));
  }
  done = true;
  for (std::thread& hammer : hammers) {
    hammer.join();
  }
  CHECK(failed == 0);
  CHECK(connected > 0);
  CHECK(staying.exec("SELECT 1").ok);
}

TEST_CASE("a narrower mode keeps strangers out from then on") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = everybodyMayBe("app")});
  REQUIRE(scene.connect("user=app dbname=shop", stranger(0)).connected());
  Pq inside = scene.connect("user=app dbname=shop", stranger(0));
  requireReload(scene, with(scene.config(), kOpen, "mode: \"0600\""));
  CHECK_FALSE(scene.connect("user=app dbname=shop", stranger(0)).connected());
  CHECK(inside.exec("SELECT 1").ok);
}

TEST_CASE("listeners are added and removed, the others' clients stay") {
  Scene scene({.rules = everybodyMayBe("app")});
  const std::string second = scene.socketDirectory() + "/.s.PGSQL.5433";
  const std::string added = with(with(scene.config(), "rules:\n",
                                      "  second: { path: " + second +
                                          ", backend: main, mode: \"0666\", "
                                          "open_to_everybody: true }\nrules:\n"),
                                 "listener: pg", "listener: [pg, second]");
  Pq first = scene.connect();
  REQUIRE(first.exec("SELECT 1").ok);
  requireReload(scene, added);
  Pq through_second = scene.connect("port=5433 user=app dbname=shop");
  REQUIRE(through_second.exec("SELECT 1").ok);
  CHECK(first.exec("SELECT 1").ok);

  requireReload(scene, scene.config());
  CHECK_FALSE(exists(second));
  CHECK_FALSE(exists(second + ".lock"));
  CHECK_FALSE(scene.connect("port=5433 user=app dbname=shop").connected());
  CHECK(first.exec("SELECT 1").ok);
  // No rule names its door any more.
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 1).size() == 1);
  CHECK_FALSE(through_second.exec("SELECT 1").ok);
}

TEST_CASE("two listeners may change places") {
  Scene scene({.rules = everybodyMayBe("app")});
  const std::string one = scene.socketPath();
  const std::string two = scene.socketDirectory() + "/.s.PGSQL.5433";
  const auto places = [&](const std::string& pg, const std::string& closed) {
    return with(with(scene.config(), "path: " + one, "path: " + pg), "rules:\n",
                "  closed: { path: " + closed + ", backend: main, mode: \"0600\" }\nrules:\n");
  };
  requireReload(scene, places(one, two));
  CHECK(scene.connect().connected());
  requireReload(scene, places(two, one));
  CHECK(permissionsOf(one) == 0600);
  CHECK(permissionsOf(two) == 0666);
  (void)requireDenied(scene, scene.connect());
  CHECK(scene.connect("port=5433 user=app dbname=shop").connected());
}

TEST_CASE("a socket file that somebody removed is there again after a reload") {
  const bool lock_too = GENERATE(false, true);
  Scene scene({.rules = everybodyMayBe("app")});
  Pq staying = scene.connect();
  REQUIRE(::unlink(scene.socketPath().c_str()) == 0);
  REQUIRE((!lock_too || ::unlink((scene.socketPath() + ".lock").c_str()) == 0));
  requireReload(scene, scene.config());
  CHECK(exists(scene.socketPath() + ".lock"));
  CHECK(scene.connect().connected());
  CHECK(staying.exec("SELECT 1").ok);
}

}  // namespace
}  // namespace peerpool::testing
