// The harness itself: a test that could not fail would hide behind it.

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/support/peerpool.h"
#include "tests/support/postgres.h"
#include "tests/support/raw_client.h"

namespace peerpool::testing {

TEST_CASE("a child's output, errors, exit code and signal are told apart") {
  const Finished finished = run({{"sh", "-c", "cat; echo bad >&2; exit 3"}, {}, {}, "input"});
  CHECK(finished.output == "input");
  CHECK(finished.errors == "bad\n");
  CHECK(finished.exit_code == 3);
  CHECK(run({{"sh", "-c", "kill -9 $$"}}).signal == 9);
  CHECK(run({{"/nonexistent/program"}}).exit_code == 127);
  CHECK(run({{"sleep", "60"}}, std::chrono::milliseconds(50)).timed_out);
}

TEST_CASE("a child runs with the ids and groups it was given") {
  if (skipWithoutRoot()) {
    return;
  }
  const Finished finished =
      run({{"sh", "-c", "id -u; id -g; id -G"}, Credentials{61001, 61002, {61003, 61004}}});
  CHECK(finished.output == "61001\n61002\n61002 61003 61004\n");
}

TEST_CASE("borrowed credentials are what a peer sees, and are given back") {
  if (skipWithoutRoot()) {
    return;
  }
  int pair[2];
  {
    const ScopedCredentials guard(Credentials{61001, 61002, {61003}});
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  }
  ucred seen{};
  socklen_t size = sizeof seen;
  REQUIRE(::getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &seen, &size) == 0);
  CHECK(seen.uid == 61001);
  CHECK(seen.gid == 61002);
  CHECK(::geteuid() == 0);
  CHECK(::getegid() == 0);
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_CASE("a private PostgreSQL answers, logs connections, and can be restarted") {
  Postgres postgres({"max_connections = 20"});
  CHECK(postgres.execute("SHOW max_connections").value() == "20");
  CHECK(postgres.execute("SHOW listen_addresses").value().empty());
  const std::size_t before = postgres.countInLog("connection authorized: user=postgres");
  postgres.execute("SELECT 1");
  CHECK(eventually(
      [&] { return postgres.countInLog("connection authorized: user=postgres") == before + 1; }));
  postgres.stop();
  CHECK_FALSE(exists(postgres.socketPath()));
  postgres.start();
  CHECK(postgres.execute("SELECT 2").value() == "2");
}

TEST_CASE("the SQLSTATE of a refused login is found") {
  const Postgres postgres;
  const Pq unknown("host=" + postgres.socketDirectory() + " user=nobody_knows dbname=postgres");
  CHECK_FALSE(unknown.connected());
  CHECK(unknown.sqlstate() == "28000");
  Pq known = postgres.superuser();
  CHECK(known.exec("SELECT 1/0").sqlstate == "22012");
}

TEST_CASE("the raw client speaks the protocol to a real server") {
  const Postgres postgres;
  RawClient client(postgres.socketPath());
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "postgres"}, {"database", "nowhere"}})));
  const std::vector<RawMessage> messages = client.receiveUntil('E');
  REQUIRE_FALSE(messages.empty());
  CHECK(messages.back().field('C') == "3D000");
  CHECK(client.receiveUntilClosed() == "");
}

TEST_CASE("a line of the log is taken apart") {
  const LogLine line = parseLogLine(
      R"(2026-01-02T03:04:05.678Z WARNING client denied ref=AB12 uid=61001 reason="no \"rule\" = none" pid=7)");
  CHECK(line.level == "WARNING");
  CHECK(line.event == "client denied");
  CHECK(line["ref"] == "AB12");
  CHECK(line["reason"] == "no \"rule\" = none");
  CHECK(line["pid"] == "7");
  CHECK(line["missing"].empty());
  CHECK(parseLogLine("2026 INFO ready").event == "ready");
}

}  // namespace peerpool::testing
