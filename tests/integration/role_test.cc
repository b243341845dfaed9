// The role a client ends up with at the database: given by the rule, proven to the backend, kept.

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string asRule(const std::string& as) {
  return "  - name: fixed\n    allow: anyone\n    listener: pg\n    databases: [\"*\"]\n    as: " +
         as + '\n';
}

constexpr const char* kRoles =
    "CREATE ROLE app LOGIN; CREATE ROLE games LOGIN; CREATE ROLE boss SUPERUSER LOGIN;"
    "CREATE DATABASE shop OWNER app";

// A role's password at the server, and a file with `secret` for peerpool.
Postgres::Options scramOnly() { return {.access = "local all all scram-sha-256\n"}; }

std::string scramBackend(const std::string& path) {
  return "    login: scram\n    secrets: { app: \"file:" + path + "\" }\n";
}

void writeSecret(const std::string& path, const std::string& secret) {
  writeFile(path, secret + '\n');
  ::chmod(path.c_str(), 0600);
}

}  // namespace

TEST_CASE("a fixed role cannot be shaken off (check 38)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers, .rules = asRule("app"), .prepare = kRoles});
  Pq client = scene.connect("user=app dbname=shop");
  REQUIRE(client.connected());
  CHECK(client.exec("RESET ROLE").ok);
  CHECK(client.exec("RESET SESSION AUTHORIZATION").ok);
  CHECK(client.exec("SET SESSION AUTHORIZATION DEFAULT").ok);
  CHECK(client.exec("SET ROLE NONE").ok);
  CHECK(client.exec("SET SESSION AUTHORIZATION boss").sqlstate == "42501");
  CHECK(client.exec("SET ROLE boss").sqlstate == "42501");
  CHECK(client.exec("DISCARD ALL").ok);
  const QueryResult result = client.exec("SELECT current_user, session_user");
  REQUIRE(result.ok);
  CHECK(result.rows[0] == std::vector<std::string>{"app", "app"});
}

TEST_CASE("startup options that would change the role are refused (check 36)") {
  Scene scene({.rules = asRule("app"), .prepare = kRoles});
  for (const char* options :
       {"-c role=boss", "-crole=boss", "--role=boss", "-c session_authorization=boss",
        "-c\\ role=boss", "-c is_superuser=on", "-r /tmp/x", "role=boss"}) {
    const Pq client = scene.connect(std::string("user=app dbname=shop options='") + options + '\'');
    CAPTURE(options);
    CHECK_FALSE(client.connected());
    CHECK_FALSE(client.sqlstate().empty());
  }
  RawClient raw(scene.socketPath());
  REQUIRE(raw.send(
      startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}, {"role", "boss"}})));
  REQUIRE(raw.receiveUntil('E').size() == 1);
  Pq allowed = scene.connect("user=app dbname=shop options='-c DateStyle=German'");
  CHECK(allowed.exec("SHOW DateStyle").value() == "German, DMY");
}

TEST_CASE("a fixed role may be asked for by its name, by one's own, or not at all") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = asRule("app"), .prepare = kRoles});
  const std::optional<Credentials> games = accountCredentials("games");
  REQUIRE(games);
  CHECK(scene.connect("user=app dbname=shop", games).exec("SELECT current_user").value() == "app");
  CHECK(scene.connect("user=games dbname=shop", games).exec("SELECT current_user").value() ==
        "app");
  requireDenied(scene, scene.connect("user=boss dbname=shop", games));
  requireDenied(scene, scene.connect("user=daemon dbname=shop", games));
}

TEST_CASE("a role made of the account's name fits the account") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = asRule("\"${user}\""), .prepare = kRoles});
  const std::optional<Credentials> games = accountCredentials("games");
  REQUIRE(games);
  // libpq asks for the account's name when none is given.
  CHECK(scene.connect("dbname=shop", games).exec("SELECT session_user").value() == "games");
  requireDenied(scene, scene.connect("user=app dbname=shop", games));
  requireDenied(scene, scene.connect("user=postgres dbname=shop", accountCredentials("postgres")));
  requireDenied(scene, scene.connect("user=app dbname=shop", stranger(0)));
}

TEST_CASE("a superuser role is closed unless the rule says so") {
  const bool permitted = GENERATE(false, true);
  CAPTURE(permitted);
  Scene scene({.rules = everybodyMayBe("boss", permitted ? "    superuser: true\n" : ""),
               .prepare = kRoles});
  Pq client = scene.connect("user=boss dbname=shop");
  if (permitted) {
    CHECK(client.exec("SHOW is_superuser").value() == "on");
    return;
  }
  CHECK_FALSE(client.exec("SELECT 1").ok);
  CHECK_FALSE(client.connected());
  CHECK(eventually([&] {
    return scene.postgres()
               .execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'boss'")
               .value() == "0";
  }));
  CHECK(scene.peerpool().log().find("superuser") != std::string::npos);
}

TEST_CASE("peerpool proves a role by its secret, and the client needs none") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const TempDir secrets;
  writeSecret(secrets / "app", "the right one");
  Scene scene(
      {.workers = workers,
       .rules = everybodyMayBe("app"),
       .backend = scramBackend(secrets / "app"),
       .prepare = "CREATE ROLE app LOGIN PASSWORD 'the right one'; CREATE DATABASE shop OWNER app",
       .postgres = scramOnly()});
  CHECK(scene.connect().exec("SELECT current_user").value() == "app");
  CHECK(scene.peerpool().log().find("the right one") == std::string::npos);
}

TEST_CASE("a wrong secret fails the client's login and is not logged (check 48)") {
  const TempDir secrets;
  writeSecret(secrets / "app", "the wrong one");
  Scene scene(
      {.rules = everybodyMayBe("app"),
       .backend = scramBackend(secrets / "app"),
       .prepare = "CREATE ROLE app LOGIN PASSWORD 'the right one'; CREATE DATABASE shop OWNER app",
       .postgres = scramOnly()});
  const Pq client = scene.connect();
  CHECK_FALSE(client.connected());
  CHECK(client.sqlstate() == "28P01");
  CHECK(scene.peerpool().log().find("the wrong one") == std::string::npos);
  CHECK(scene.peerpool().running());
}

TEST_CASE("a role reached by peer and a map logs in as itself") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = everybodyMayBe("app"),
               .backend = "    login: peer\n",
               .postgres = {.access = "local all app peer map=peerpool\n",
                            .identities = "peerpool root app\n"}});
  CHECK(scene.connect().exec("SELECT session_user").value() == "app");
  const Pq direct("host=" + scene.postgres().socketDirectory() + " user=app dbname=shop",
                  stranger(0));
  CHECK_FALSE(direct.connected());
}

TEST_CASE("not a byte goes to a process that is not the expected backend (check 44)") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const std::string path = directory / ".s.PGSQL.5432";
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  {
    const ScopedCredentials impostor(stranger(9));
    REQUIRE(::listen(listener.get(), 5) == 0);
  }
  Scene scene({.rules = everybodyMayBe("app"), .backend_socket = path});
  const Pq client = scene.connect();
  CHECK_FALSE(client.connected());
  CHECK(client.error().find("61010") == std::string::npos);
  const UniqueFd accepted(::accept(listener.get(), nullptr, nullptr));
  REQUIRE(accepted.valid());
  char byte = 0;
  CHECK(::recv(accepted.get(), &byte, 1, 0) == 0);
  INFO(scene.peerpool().log());
  CHECK(eventually([&] { return scene.peerpool().log().find("61010") != std::string::npos; },
                   std::chrono::seconds(5)));
}

}  // namespace peerpool::testing
