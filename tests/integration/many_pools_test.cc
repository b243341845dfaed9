// One backend in trouble, and all that must not suffer from it: the backend itself when hundreds of
// pools want it, and the other backends.

#include <unistd.h>

#include <iostream>
#include <memory>

#include "tests/integration/looping_clients.h"
#include "tests/integration/scene.h"
#include "tests/support/impostor.h"

namespace peerpool::testing {
namespace {

using namespace std::chrono_literals;

std::string backendEntry(const std::string& name, const std::string& path,
                         const std::string& account) {
  return "  " + name + ":\n    protocol: postgresql\n    address: \"unix:" + path +
         "\"\n    login: trust\n    expect_peer: { user: " + account + " }\n";
}

}  // namespace

TEST_CASE("hundreds of pools ask a dead backend at a bounded rate, another backend is unaffected") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const Postgres steady;
  steady.execute("CREATE ROLE app LOGIN");
  const TempDir directory;
  const Impostor dead(directory / "dead.sock", Impostor::Manner::Close);
  SceneOptions options{.workers = workers, .rules = ""};
  // Ours is the account that listens there: it is the expected one, and it is broken.
  options.backend_socket = directory / "dead.sock";
  options.backend = "    login: trust\n    connect_timeout: 4s\n    expect_peer: { uid: " +
                    std::to_string(::geteuid()) + " }\n" +
                    backendEntry("second", steady.socketPath(), steady.account());
  options.rules =
      "  - { name: steady, allow: anyone, listener: pg, databases: [postgres], roles: [app], "
      "backend: second }\n" +
      everybodyMayBe("app");
  Scene scene(options);
  LoopingClients unaffected(scene.conninfo("user=app dbname=postgres"), 2);
  REQUIRE(unaffected.eachSucceeds());
  unaffected.reset();
  std::this_thread::sleep_for(1s);
  const auto quiet = unaffected.longest();
  const std::size_t quiet_successes = unaffected.successes();
  std::vector<std::unique_ptr<LoopingClients>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<LoopingClients>(
        scene.conninfo("user=app dbname=db" + std::to_string(i)), 1));
  }
  REQUIRE(eventually([&] { return scene.peerpool().events("client login").size() >= 202; }));
  const std::size_t before = dead.connections();
  unaffected.reset();
  std::this_thread::sleep_for(2s);
  const std::size_t attempts = dead.connections() - before;
  std::cout << "200 pools, workers " << workers << ": " << before << " attempts until all waited, "
            << attempts << " in the next 2 s; another backend's longest answer "
            << unaffected.longest().count() << " ms, " << unaffected.successes()
            << " answers in 2 s (quiet: " << quiet.count() << " ms, " << quiet_successes
            << " in 1 s)\n";
  // 4 each second and worker, and some for a loop that was late.
  CHECK(attempts <= workers * 20);
  CHECK(unaffected.errors().empty());
  CHECK(unaffected.longest() < 5s);
  for (const auto& client : clients) {
    CHECK(eventually([&] {
      const auto errors = client->errors();
      return errors.count(
                 "57P03 backend \"main\" is not reachable: it ended the connection during "
                 "login") != 0;
    }));
  }
}

TEST_CASE("a backend that is full says so itself") {
  SceneOptions options{.rules = everybodyMayBe("app"),
                       .backend = "    login: trust\n    connect_timeout: 1s\n"};
  options.postgres.settings = "max_connections = 5\nsuperuser_reserved_connections = 1\n";
  Scene scene(options);
  std::vector<Pq> holders;
  while (true) {
    Pq holder("host=" + scene.postgres().socketDirectory() + " user=app dbname=shop");
    if (!holder.connected()) {
      break;
    }
    holders.push_back(std::move(holder));
  }
  const Pq refused = scene.connect();
  CHECK_FALSE(refused.connected());
  CHECK(refused.sqlstate() == "53300");
  std::cout << "full: " << refused.error() << '\n';
  holders.clear();
  CHECK(eventually([&] { return scene.connect().exec("SELECT 1").ok; }));
}

}  // namespace peerpool::testing
