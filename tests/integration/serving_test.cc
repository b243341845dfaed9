// The program as an operator meets it: psql through it, and its commands and exit codes.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"

namespace peerpool::testing {

TEST_CASE("psql goes through to the database as the granted role") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  const Finished finished = run(scene.client(
      {"psql", "-XAt", "-c", "SELECT current_user, session_user, current_database()"}));
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.output == "app|app|shop\n");
  const std::vector<LogLine> logins = scene.peerpool().waitForEvents("client login", 1);
  REQUIRE(logins.size() == 1);
  CHECK(logins[0]["listener"] == "pg");
  CHECK(logins[0]["rule"] == "everybody");
  CHECK(logins[0]["database"] == "shop");
  CHECK(logins[0]["role"] == "app");
  CHECK(logins[0]["login_role"] == "app");
  CHECK(scene.peerpool().waitForEvents("client closed", 1).size() == 1);
  CHECK(scene.peerpool().events("server opened").size() == 1);
  scene.stopPeerpool();
}

TEST_CASE("errors of the database reach the client unchanged, and the session lives on") {
  const Scene scene({.rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  REQUIRE(client.connected());
  CHECK(client.exec("SELECT 1/0").sqlstate == "22012");
  CHECK(client.exec("SELEC 1").sqlstate == "42601");
  CHECK(client.execParams("SELECT $1::int + $2::int", {"2", "3"}).value() == "5");
  CHECK(client.exec("SELECT 1; SELECT 2").value() == "2");
  CHECK(client.exec("").ok);
}

TEST_CASE("large values pass in both directions") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  CHECK(client.exec("SELECT repeat('x', 20000000)").value().size() == 20'000'000);
  const std::string large(8'000'000, 'y');
  CHECK(client.execParams("SELECT length($1)", {large}).value() == "8000000");
  CHECK(client.exec("SELECT length('" + large + "')").value() == "8000000");
}

TEST_CASE("a restart of the backend is survived") {
  Scene scene({.rules = everybodyMayBe("app")});
  Pq idle = scene.connect();
  REQUIRE(idle.exec("SELECT 1").ok);
  scene.postgres().stop();
  scene.postgres().start();
  CHECK(eventually([&] { return scene.connect().exec("SELECT 1").ok; }));
  CHECK(scene.peerpool().running());
}

TEST_CASE("a client that vanishes in a transaction gives its server back to nobody (check 40)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 1\n"});
  {
    Pq rude = scene.connect();
    REQUIRE(rude.exec("CREATE TABLE t (a int)").ok);
    REQUIRE(rude.exec("BEGIN; INSERT INTO t VALUES (1)").ok);
  }
  Pq next = scene.connect();
  CHECK(next.exec("SELECT count(*) FROM t").value() == "0");
}

TEST_CASE("a socket path that another server holds is refused, and the other one goes on") {
  Scene scene({.rules = everybodyMayBe("app")});
  const TempDir other_directory;
  writeFile(other_directory / "peerpool.yaml", scene.config());
  const Finished second = runPeerpool({"serve", "--config", other_directory / "peerpool.yaml",
                                       "--runtime-dir", other_directory / "run"});
  INFO(second.describe());
  CHECK(second.exit_code == 73);
  CHECK(second.errors.find(scene.socketPath()) != std::string::npos);
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a configuration file that is not there ends with 66") {
  CHECK(runPeerpool({"check", "--config", "/nonexistent/peerpool.yaml"}).exit_code == 66);
  CHECK(runPeerpool({"serve", "--config", "/nonexistent/peerpool.yaml"}).exit_code == 66);
}

TEST_CASE("a command line that makes no sense ends with 64") {
  CHECK(runPeerpool({"dance"}).exit_code == 64);
  CHECK(runPeerpool({"check", "--colour"}).exit_code == 64);
}

TEST_CASE("explain says yes, no, and what each rule thought") {
  Scene scene({.rules = "  - name: games may play\n    allow: { user: games }\n    listener: pg\n"
                        "    databases: [shop]\n    as: app\n"});
  const Finished yes = scene.peerpool().explain(
      {"--listener", "pg", "--user", "games", "--database", "shop", "--role", "app"});
  INFO(yes.describe());
  CHECK(yes.exit_code == 0);
  CHECK(yes.output.find("games may play") != std::string::npos);
  const Finished no = scene.peerpool().explain(
      {"--listener", "pg", "--user", "daemon", "--database", "shop", "--role", "app"});
  INFO(no.describe());
  CHECK(no.exit_code == 77);
  CHECK(no.output.find("games may play") != std::string::npos);
  const Finished elsewhere = scene.peerpool().explain(
      {"--listener", "pg", "--user", "games", "--database", "postgres", "--role", "app"});
  CHECK(elsewhere.exit_code == 77);
}

}  // namespace peerpool::testing
