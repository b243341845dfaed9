// A PostgreSQL that stops, starts, hangs or is replaced under clients that go on asking.

#include <signal.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "proxy/postgres/session_remains.h"
#include "tests/integration/looping_clients.h"
#include "tests/integration/scene.h"
#include "tests/support/impostor.h"

namespace peerpool::testing {
namespace {

using namespace std::chrono_literals;
using Clock = LoopingClients::Clock;

// What a slow machine may add to any figure here.
constexpr std::chrono::milliseconds kSlack = 10s;

SceneOptions options(std::size_t workers, const std::string& connect_timeout) {
  return {.workers = workers,
          .rules = everybodyMayBe("app"),
          .backend = "    login: trust\n    connect_timeout: " + connect_timeout + "\n"};
}

std::string direct(Scene& scene) {
  return "host=" + scene.postgres().socketDirectory() + " user=app dbname=shop";
}

long long milliseconds(Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// Starts PostgreSQL; says how much later than a direct connection the first client was served.
long long startAndMeasure(Scene& scene, LoopingClients& clients) {
  const auto begin = Clock::now();
  DirectPoll poll(direct(scene));
  scene.postgres().start();
  const auto answered = poll.wait();
  REQUIRE(clients.eachSucceeds());
  std::optional<Clock::time_point> first = clients.firstSuccessAfter(begin);
  REQUIRE(first);
  return milliseconds(*first - answered);
}

// Clock ticks that a process has used up to now (proc(5)).
long ticksOf(pid_t pid) {
  std::istringstream fields(readFile("/proc/" + std::to_string(pid) + "/stat"));
  std::string skipped;
  std::getline(fields, skipped, ')');
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return user + system;
}

bool has(const std::map<std::string, std::size_t>& errors, const std::string& text) {
  return errors.count(text) != 0;
}

}  // namespace

TEST_CASE("a restart of the backend that is short is ridden out by clients that wait") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const bool immediate = GENERATE(false, true);
  CAPTURE(workers, immediate);
  Scene scene(options(workers, "30s"));
  LoopingClients clients(scene.conninfo(), 8);
  REQUIRE(clients.eachSucceeds());
  clients.reset();
  scene.postgres().stop(immediate);
  const auto down = Clock::now();
  std::this_thread::sleep_for(500ms);
  clients.reset();
  const long long later = startAndMeasure(scene, clients);
  clients.stop();
  std::cout << "restart, workers " << workers << (immediate ? ", immediate" : ", fast") << ": down "
            << milliseconds(Clock::now() - down) << " ms, first success " << later
            << " ms after a direct one; " << clients.describe() << '\n';
  CHECK(later < kSlack.count());
  // Nobody who waited was told anything but by PostgreSQL itself.
  for (const auto& [error, count] : clients.errors()) {
    CAPTURE(error);
    CHECK(error.find("backend \"main\"") == std::string::npos);
  }
}

TEST_CASE("linked clients get the server's own words when it stops, and no more") {
  Scene scene(options(1, "5s"));
  Pq linked = scene.connect();
  Pq idle = scene.connect();
  REQUIRE(idle.exec("SELECT 1").ok);
  REQUIRE(linked.exec("BEGIN").ok);
  scene.postgres().stop();
  const QueryResult result = linked.exec("SELECT 1");
  CHECK(result.sqlstate == "57P01");
  CHECK(result.message.find("terminating connection due to administrator command") !=
        std::string::npos);
  CHECK(result.message.find("server connection was lost") == std::string::npos);
  scene.postgres().start();
  CHECK(idle.exec("SELECT 1").ok);  // It had no server to lose.
  for (const LogLine& lost : scene.peerpool().events("server lost")) {
    CHECK(lost["reason"].find("administrator command") != std::string::npos);
  }
}

TEST_CASE("Backend unreachable: the cause in time, and back at once") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(options(workers, "1s"));
  LoopingClients clients(scene.conninfo(), 8);
  REQUIRE(clients.eachSucceeds());
  scene.postgres().stop();
  clients.reset();
  const std::string cause = "57P03 backend \"main\" is not reachable: its socket does not exist";
  REQUIRE(eventually([&] { return has(clients.errors(), cause); }));
  std::this_thread::sleep_for(1s);
  CHECK(clients.longest() < 1s + kSlack);
  const Finished status = scene.peerpool().status({"pools"});
  INFO(status.output);
  CHECK(status.output.find("backend main on worker ") != std::string::npos);
  CHECK(status.output.find("every login fails: connect ") != std::string::npos);
  std::cout << "down, workers " << workers << ": " << clients.describe() << '\n';
  clients.reset();
  const long long later = startAndMeasure(scene, clients);
  clients.stop();
  std::cout << "back, workers " << workers << ": first success " << later
            << " ms after a direct one\n";
  CHECK(later < kSlack.count());
  CHECK(scene.peerpool().waitForEvents("backend answers", 1).size() >= 1);
  CHECK(scene.peerpool().events("backend fails").size() >= 1);
  // Paths stay in the log.
  for (const auto& [error, count] : clients.errors()) {
    CHECK(error.find(scene.postgres().socketDirectory()) == std::string::npos);
  }
}

TEST_CASE("while nobody waits, a dead backend is left alone and costs nothing") {
  Scene scene(options(1, "500ms"));
  Pq idle = scene.connect();
  REQUIRE(idle.exec("SELECT 1").ok);
  scene.postgres().stop();
  CHECK(scene.connect().exec("SELECT 1").sqlstate == "57P03");
  const long before = ticksOf(scene.peerpool().pid());
  std::this_thread::sleep_for(2s);
  const long used = ticksOf(scene.peerpool().pid()) - before;
  std::cout << "dead and left alone: " << used << " clock ticks in 2 s\n";
  CHECK(used <= 2);
  scene.postgres().start();
  CHECK(idle.exec("SELECT 1").ok);
}

TEST_CASE("a backend that hangs: nobody waits longer than for the deadlines") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(options(workers, "1s"));
  std::vector<Pq> holders;
  for (int i = 0; i < 3; ++i) {  // Three servers, which idle when the transactions end.
    REQUIRE(holders.emplace_back(scene.connect()).exec("BEGIN").ok);
  }
  for (Pq& holder : holders) {
    REQUIRE(holder.exec("COMMIT").ok);
  }
  // Who was given a server that has just been used waits for its answer, as it would directly.
  const auto rested = Clock::now() + 2 * postgres::SessionRemains::kCheckAfter;
  REQUIRE(eventually([&] { return Clock::now() > rested; }));
  scene.postgres().freezeAll();
  LoopingClients clients(scene.conninfo(), 6);
  const std::string cause =
      "57P03 backend \"main\" is not reachable: no answer within connect_timeout";
  CHECK(eventually([&] { return clients.errors()[cause] >= 12; }));
  CHECK(clients.longest() < 3s + kSlack);
  std::cout << "hanging, workers " << workers << ": " << clients.describe() << '\n';
  clients.reset();
  const auto thawed = Clock::now();
  scene.postgres().thawAll();
  REQUIRE(clients.eachSucceeds());
  const auto first = clients.firstSuccessAfter(thawed);
  REQUIRE(first);
  std::cout << "thawed: first success after " << milliseconds(*first - thawed) << " ms\n";
  clients.stop();
  for (Pq& holder : holders) {
    CHECK(holder.exec("SELECT 1").ok);
  }
  // All places come back: the pool can open its four servers again.
  holders.clear();
  for (int i = 0; i < 4; ++i) {
    CHECK(holders.emplace_back(scene.connect()).exec("BEGIN").ok);
  }
  CHECK(eventually([&] {
    const QueryResult count =
        scene.postgres().execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'");
    return count.value() == "4";
  }));
}

TEST_CASE("Reset fails: a single server that hangs while it is reset is given up") {
  SceneOptions hanging = options(1, "1s");
  hanging.pools = "  mode: transaction\n  size: 1\n";
  Scene scene(hanging);
  Pq first = scene.connect();
  const pid_t server = std::stoi(first.exec("SELECT pg_backend_pid()").value());
  REQUIRE(first.exec("DO $$ BEGIN END $$").ok);  // Who knows what that did.
  REQUIRE(::kill(server, SIGSTOP) == 0);
  Pq second = scene.connect();
  const QueryResult told = second.exec("SELECT 1");
  CHECK(told.sqlstate == "57P03");
  // PostgreSQL has it still, so the pool has no other.
  CHECK(scene.peerpool().waitForEvents("server does not end", 1).size() == 1);
  REQUIRE(::kill(server, SIGCONT) == 0);
  CHECK(scene.connect().exec("SELECT 1").ok);
  CHECK(first.exec("SELECT 1").ok);
}

TEST_CASE("an impostor at the backend's path hears nothing, and clients are told (check 44)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(options(workers, "5s"));
  LoopingClients clients(scene.conninfo(), 8);
  REQUIRE(clients.eachSucceeds());
  scene.postgres().stop();
  const std::string cause = "57P03 backend \"main\" is not the expected one";
  {
    const Impostor impostor(scene.postgres().socketPath(), Impostor::Manner::Listen);
    const auto begin = Clock::now();
    clients.reset();
    REQUIRE(eventually([&] { return has(clients.errors(), cause); }));
    std::this_thread::sleep_for(1s);
    CHECK(impostor.connections() > 0);
    CHECK(impostor.bytes() == 0);
    const double elapsed = static_cast<double>(milliseconds(Clock::now() - begin)) / 1000;
    std::cout << "impostor, workers " << workers << ": " << impostor.connections()
              << " connections in " << elapsed << " s, " << impostor.bytes() << " bytes; "
              << clients.describe() << '\n';
    CHECK(static_cast<double>(impostor.connections()) <= 10 + elapsed * 20 * 3);
  }
  const std::vector<LogLine> failures = scene.peerpool().events("server login failed");
  CHECK(std::any_of(failures.begin(), failures.end(), [](const LogLine& line) {
    return line["reason"].find("uid 0") != std::string::npos &&
           line["reason"].find("postgres") != std::string::npos;
  }));
  clients.reset();
  const long long later = startAndMeasure(scene, clients);
  clients.stop();
  std::cout << "impostor gone: first success " << later << " ms after a direct one\n";
  CHECK(later < kSlack.count());
}

}  // namespace peerpool::testing
