// Run as a systemd service would be: what the manager hears, and sockets that it passes.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "tests/integration/scene.h"
#include "tests/proxy/server/notify_socket.h"

namespace peerpool::testing {
namespace {

using server::NotifySocket;

/// Collects what the manager hears.
class Manager {
 public:
  explicit Manager(const TempDir& directory) : socket_(directory / "notify") {}

  [[nodiscard]] std::size_t count(const std::string& message) {
    for (std::string text = socket_.receive(); !text.empty(); text = socket_.receive()) {
      heard_.push_back(text);
    }
    return static_cast<std::size_t>(std::count(heard_.begin(), heard_.end(), message));
  }
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }

 private:
  NotifySocket socket_;
  std::vector<std::string> heard_;
};

std::string configFor(const Postgres& postgres, const std::string& path, std::size_t workers = 1) {
  return "version: 1\nprocess: { workers: " + std::to_string(workers) +
         " }\nbackends:\n  main: { protocol: postgresql, address: \"unix:" + postgres.socketPath() +
         "\", expect_peer: { user: " + postgres.account() + " }, login: trust }\nlisteners:\n" +
         "  pg: { path: " + path +
         ", backend: main, mode: \"0666\", open_to_everybody: true }\nrules:\n" +
         everybodyMayBe("postgres", "    superuser: true\n");
}

std::int64_t monotonicMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

/// A listening socket, and the words that start a program with it as descriptor 3.
class PassingParent {
 public:
  explicit PassingParent(const std::string& path, const std::string& name = "pg")
      : raw_(::socket(AF_UNIX, SOCK_STREAM, 0)), name_(name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(raw_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    REQUIRE(::listen(raw_.get(), 100) == 0);
  }
  [[nodiscard]] std::vector<std::string> through() const {
    return {"bash", "-c",
            "exec 3<&" + std::to_string(raw_.get()) +
                "; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=" + name_ + " exec \"$@\"",
            "bash"};
  }

 private:
  UniqueFd raw_;
  std::string name_;
};

}  // namespace

TEST_CASE("the manager hears READY, the figures, the watchdog's beat and STOPPING") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  Manager manager(directory);
  const Postgres postgres;
  Peerpool peerpool(
      directory, configFor(postgres, directory / "l/.s.PGSQL.5432", workers),
      {.environment = {{"NOTIFY_SOCKET", directory / "notify"}, {"WATCHDOG_USEC", "200000"}}});
  CHECK(eventually([&] { return manager.count("WATCHDOG=1") >= 3; }));
  CHECK(manager.count("READY=1") == 1);
  CHECK(manager.heard().at(0) == "READY=1");
  CHECK(manager.count("STATUS=0 clients, 1 listeners, generation 1") == 1);
  CHECK(manager.count("STOPPING=1") == 0);
  CHECK(peerpool.stop().exit_code == 0);
  CHECK(manager.count("STOPPING=1") == 1);
}

TEST_CASE("the manager hears of each reload when it began and that it is over, a refused one too") {
  const bool by_command = GENERATE(false, true);
  const bool good = GENERATE(true, false);
  CAPTURE(by_command, good);
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  Manager manager(directory);
  const Postgres postgres;
  const std::string config = configFor(postgres, directory / "l/.s.PGSQL.5432");
  const Peerpool peerpool(directory, config,
                          {.environment = {{"NOTIFY_SOCKET", directory / "notify"}}});
  REQUIRE(eventually([&] { return manager.count("READY=1") == 1; }));
  if (!good) {
    peerpool.replaceConfig(config + "unknown: 1\n");
  }
  // systemd (Type=notify-reload) waits for a READY behind a RELOADING that is not older than its
  // signal, on CLOCK_MONOTONIC.
  const std::int64_t before = monotonicMicroseconds();
  if (by_command) {
    CHECK(peerpool.reload().exit_code == (good ? 0 : 78));
  } else {
    peerpool.signal(SIGHUP);
  }
  CHECK(eventually([&] { return manager.count("READY=1") == 2; }));
  const std::int64_t after = monotonicMicroseconds();
  const std::string begun = "RELOADING=1\nMONOTONIC_USEC=";
  std::vector<std::string> words = manager.heard();
  std::erase_if(words, [](const std::string& text) { return text.starts_with("STATUS="); });
  INFO(peerpool.log());
  REQUIRE(words.size() == 3);
  REQUIRE(words[1].starts_with(begun));
  const std::int64_t begun_at = std::stoll(words[1].substr(begun.size()));
  CHECK(before <= begun_at);
  CHECK(begun_at <= after);
  CHECK(words[2] == "READY=1");
  CHECK(peerpool.waitForEvents(good ? "reloaded" : "reload refused", 1).size() == 1);
  CHECK(manager.count("STOPPING=1") == 0);
}

TEST_CASE("READY is said when clients can connect, and not when a listener cannot be made") {
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  Manager manager(directory);
  const Postgres postgres;
  writeFile(directory / "l/.s.PGSQL.5432", "no socket");
  writeFile(directory / "peerpool.yaml", configFor(postgres, directory / "l/.s.PGSQL.5432"));
  const Finished failed = run({{peerpoolProgram(), "serve", "--config", directory / "peerpool.yaml",
                                "--runtime-dir", directory / "run"},
                               {},
                               {{"NOTIFY_SOCKET", directory / "notify"}}});
  CHECK(failed.exit_code == 73);
  CHECK(manager.count("READY=1") == 0);
}

TEST_CASE("a process of which the main thread is stopped lets the watchdog bite") {
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  Manager manager(directory);
  const Postgres postgres;
  Peerpool peerpool(
      directory, configFor(postgres, directory / "l/.s.PGSQL.5432"),
      {.environment = {{"NOTIFY_SOCKET", directory / "notify"}, {"WATCHDOG_USEC", "100000"}}});
  REQUIRE(eventually([&] { return manager.count("WATCHDOG=1") >= 2; }));
  ::kill(peerpool.pid(), SIGSTOP);
  const std::size_t before = manager.count("WATCHDOG=1");
  std::size_t now = before;
  CHECK_FALSE(eventually([&] { return (now = manager.count("WATCHDOG=1")) > before + 1; },
                         std::chrono::milliseconds(500)));
  ::kill(peerpool.pid(), SIGCONT);
  CHECK(eventually([&] { return manager.count("WATCHDOG=1") > now; }));
}

TEST_CASE("a passed socket is served, shows us as its owner, and stays when we end") {
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0777);
  const std::string path = directory / "l/.s.PGSQL.5432";
  const PassingParent parent(path);
  const Postgres postgres;
  PeerpoolStart start{.through = parent.through()};
  if (canSwitchUser()) {
    start.run_as = Credentials{61012, 61012, {}};
  }
  struct stat before {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  {
    Peerpool peerpool(directory, configFor(postgres, path), start);
    CHECK(peerpool.events("listener passed").size() == 1);
    Pq client("host=" + (directory / "l") + " user=postgres dbname=postgres");
    CHECK(client.exec("SELECT 1").value() == "1");
    ucred peer{};
    socklen_t size = sizeof peer;
    REQUIRE(::getsockopt(PQsocket(client.get()), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0);
    CHECK(peer.pid == peerpool.pid());
    CHECK(peer.uid == (start.run_as ? start.run_as->uid : ::geteuid()));
    CHECK(peerpool.stop().exit_code == 0);
  }
  struct stat after {};
  REQUIRE(::stat(path.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  // Whoever connects while nobody serves waits in the manager's socket for the next one.
  RawClient early(path);
  REQUIRE(early.send(startupPacket(0x00030000, {{"user", "postgres"}, {"database", "postgres"}})));
  const Peerpool next(directory, configFor(postgres, path), start);
  CHECK(early.receiveUntil('Z').back().type == 'Z');
}

TEST_CASE("a passed socket that is no listener's keeps the service from starting, and says why") {
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  const PassingParent parent(directory / "l/other", "peerpool.socket");
  const Postgres postgres;
  writeFile(directory / "peerpool.yaml", configFor(postgres, directory / "l/.s.PGSQL.5432"));
  Command command{parent.through()};
  for (const std::string& argument :
       {peerpoolProgram(), std::string("serve"), std::string("--config"),
        directory / "peerpool.yaml", std::string("--runtime-dir"), directory / "run"}) {
    command.arguments.push_back(argument);
  }
  const Finished finished = run(command);
  INFO(finished.describe());
  CHECK(finished.exit_code == 73);
  CHECK(finished.errors.find("socket 3 (peerpool.socket) that the service manager passed is bound "
                             "to " +
                             (directory / "l/other")) != std::string::npos);
  CHECK(exists(directory / "l/other"));
}

}  // namespace peerpool::testing
