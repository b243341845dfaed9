// A real PostgreSQL and a socket file of ours on one name: whoever is there first keeps it.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "proxy/net/lock_file.h"
#include "proxy/net/socket_file.h"
#include "tests/proxy/net/file_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/process.h"

namespace peerpool::net {

namespace {

using testing::Postgres;

std::string setUpError(const std::string& path) {
  return errorOf([&] { SocketFile{SocketFileOptions{path, SocketKind::Stream, {}, 4}}; });
}

// The log of a start of the stopped server that must fail. (Postgres::start() would connect to us.)
std::string startError(const Postgres& postgres) {
  const std::string data = postgres.socketDirectory() + "/../data";
  const testing::Finished finished =
      testing::run({{testing::postgresProgram("postgres"), "-D", data},
                    testing::accountCredentials(postgres.account())});
  CHECK(finished.exit_code == 1);
  return finished.errors;
}

// A process of `account` that holds `path` until it is killed; returns when it does.
pid_t startHolder(const Credentials& account, const std::string& path) {
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t pid = startAs(account, [&] {
    const SocketFile socket({path, SocketKind::Stream, {}, 4});
    if (::write(ready[1], "x", 1) == 1) {
      ::pause();
    }
    return 1;
  });
  ::close(ready[1]);
  char byte = 0;
  CHECK(::read(ready[0], &byte, 1) == 1);
  ::close(ready[0]);
  return pid;
}

}  // namespace

TEST_CASE("PostgreSQL and peerpool under one account respect each other's socket name") {
  if (skipWithoutRoot()) {
    return;
  }
  Postgres postgres;
  const Credentials account = *testing::accountCredentials(postgres.account());
  const std::string path = postgres.socketPath();
  const std::string pid = std::to_string(postgres.pid());
  CHECK(runAs(account, [&] {
          return containsAll(setUpError(path), {path + " is in use", "process " + pid, "/data"})
                     ? 0
                     : 1;
        }) == 0);
  CHECK(postgres.superuser().connected());
  postgres.stop();

  const pid_t holder = startHolder(account, path);
  CHECK(containsAll(startError(postgres),
                    {"lock file", ".s.PGSQL.5432.lock", "already exists", std::to_string(holder)}));
  CHECK(runAs(account, [&] { return connectTo(path); }) == 0);
  ::kill(holder, SIGKILL);
  CHECK(finish(holder) == -1);
  postgres.start();  // It finds our lock stale, too.

  ::kill(postgres.pid(), SIGKILL);
  postgres.stop();
  CHECK(parseLockContent(readFile(path + ".lock"))->pid != holder);  // It left its own behind.
  CHECK(runAs(account, [&] { return setUpError(path).empty() ? 0 : 1; }) == 0);
}

TEST_CASE("PostgreSQL and peerpool under two accounts respect each other's socket name") {
  if (skipWithoutRoot()) {
    return;
  }
  Postgres postgres;
  const std::string path = postgres.socketPath();
  REQUIRE(::chown(postgres.socketDirectory().c_str(), 0, 0) == 0);
  REQUIRE(::chmod(postgres.socketDirectory().c_str(), 01777) == 0);
  CHECK(containsAll(setUpError(path),
                    {path + " is in use", "process " + std::to_string(postgres.pid()), "/data"}));
  CHECK(runAs({61001, 61001}, [&] {
          return containsAll(setUpError(path), {path, "another server may hold the name"}) ? 0 : 1;
        }) == 0);
  CHECK(postgres.superuser().connected());
  postgres.stop();

  const SocketFile socket({path, SocketKind::Stream, {}, 4});
  CHECK(containsAll(startError(postgres),
                    {"could not open lock file", ".s.PGSQL.5432.lock", "Permission denied"}));
  CHECK(connectTo(path) == 0);
}

}  // namespace peerpool::net
