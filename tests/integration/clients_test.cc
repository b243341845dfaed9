// Drivers and tools of other languages at their usual work (tests/clients), eight clients of each
// at the same time. Those that are cheap to install and fast are in the default run.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <regex>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

constexpr int kNotInstalled = 77;

// A client that is not installed is skipped, but not in tests/run --all.
bool skipMissing(const Finished& finished) {
  if (finished.exit_code != kNotInstalled || std::getenv("PEERPOOL_ALL_CLIENTS") != nullptr) {
    return false;
  }
  return skipBecause(finished.output.substr(0, finished.output.find('\n')));
}

Finished runClient(const std::string& name, const std::string& directory) {
  Command command{{std::string(PEERPOOL_SOURCE_DIR) + "/tests/clients/client",
                   std::string(PEERPOOL_BINARY_DIR), name}};
  command.environment = {{"PGHOST", directory}, {"PGUSER", "app"}, {"PGDATABASE", "shop"}};
  return run(command);
}

// How many answers each client program compares at least; each says how many it did.
constexpr int kFewestChecks = 200;

void checkWell(const std::string& name, const Finished& finished) {
  INFO(finished.describe());
  CHECK(finished.ok());
  std::smatch counted;
  REQUIRE(std::regex_search(finished.output, counted, std::regex("([0-9]+) checks\nall well\n")));
  CHECK(std::stoi(counted[1]) >= kFewestChecks);
  std::cout << name << ": " << counted[1] << " checks\n";
}

SceneOptions overServers(const std::string& mode, const std::string& size,
                         const std::string& patience) {
  return {
      .workers = 3,
      .rules = everybodyMayBe("app"),
      .pools = "  mode: " + mode + "\n  size: " + size + "\n  wait_timeout: " + patience + '\n'};
}

// Direct, so that a failure through peerpool is peerpool's; then with a server for each client, and
// then over two servers, looking that there are never more.
void worksEverywhere(const std::string& name) {
  CAPTURE(name);
  {
    const Scene scene(overServers("session", "9", "30s"));
    const Finished direct = runClient(name, scene.postgres().socketDirectory());
    if (skipMissing(direct)) {
      return;
    }
    checkWell(name, direct);
    checkWell(name, runClient(name, scene.socketDirectory()));
  }
  checkWell(name, runClient(name, Scene(overServers("transaction", "9", "30s")).socketDirectory()));
}

void worksOverTwoServers(const std::string& name) {
  CAPTURE(name);
  const Scene scene(overServers("transaction", "2", "30s"));
  ConnectionSampler sampler(scene.postgres(), "app");
  const Finished finished = runClient(name, scene.socketDirectory());
  sampler.stop();
  if (skipMissing(finished)) {
    return;
  }
  CHECK(sampler.highest() <= 2);
  checkWell(name, finished);
}

}  // namespace

TEST_CASE("eight clients of psycopg 2 work over two servers") {
  worksOverTwoServers("psycopg2_crew");
}

TEST_CASE("eight clients of psycopg 3 work over two servers") { worksOverTwoServers("psycopg3"); }

TEST_CASE("eight clients of asyncpg work over two servers") { worksOverTwoServers("asyncpg"); }

TEST_CASE("eight clients of pg8000 work over two servers") { worksOverTwoServers("pg8000"); }

TEST_CASE("eight clients of node-postgres work over two servers") {
  worksOverTwoServers("node_postgres");
}

TEST_CASE("eight clients of postgres.js work over two servers") {
  worksOverTwoServers("postgres_js");
}

TEST_CASE("eight clients of DBD::Pg work over two servers") { worksOverTwoServers("dbd_pg"); }

TEST_CASE("eight clients of libpqxx work over two servers") { worksOverTwoServers("libpqxx"); }

TEST_CASE("eight clients of Poco::Data work over two servers") { worksOverTwoServers("poco_data"); }

TEST_CASE("eight clients of SQLAlchemy work over two servers", "[.long]") {
  worksOverTwoServers("sqlalchemy");
}

TEST_CASE("eight clients of Django work over two servers", "[.long]") {
  worksOverTwoServers("django");
}

TEST_CASE("eight clients of knex work over two servers", "[.long]") { worksOverTwoServers("knex"); }

TEST_CASE("eight clients of sequelize work over two servers", "[.long]") {
  worksOverTwoServers("sequelize");
}

TEST_CASE("eight clients of JDBC work over two servers", "[.long]") { worksOverTwoServers("jdbc"); }

TEST_CASE("eight clients of lib/pq work over two servers", "[.long]") {
  worksOverTwoServers("lib_pq");
}

TEST_CASE("eight clients of pgx work over two servers", "[.long]") { worksOverTwoServers("pgx"); }

TEST_CASE("eight clients of PDO work over two servers", "[.long]") { worksOverTwoServers("pdo"); }

TEST_CASE("eight clients of ruby-pg work over two servers", "[.long]") {
  worksOverTwoServers("ruby_pg");
}

TEST_CASE("eight clients of psycopg 2 work direct and with a server each", "[.long]") {
  worksEverywhere("psycopg2_crew");
}

TEST_CASE("eight clients of psycopg 3 work direct and with a server each", "[.long]") {
  worksEverywhere("psycopg3");
}

TEST_CASE("eight clients of asyncpg work direct and with a server each", "[.long]") {
  worksEverywhere("asyncpg");
}

TEST_CASE("eight clients of pg8000 work direct and with a server each", "[.long]") {
  worksEverywhere("pg8000");
}

TEST_CASE("eight clients of node-postgres work direct and with a server each", "[.long]") {
  worksEverywhere("node_postgres");
}

TEST_CASE("eight clients of postgres.js work direct and with a server each", "[.long]") {
  worksEverywhere("postgres_js");
}

TEST_CASE("eight clients of DBD::Pg work direct and with a server each", "[.long]") {
  worksEverywhere("dbd_pg");
}

TEST_CASE("eight clients of libpqxx work direct and with a server each", "[.long]") {
  worksEverywhere("libpqxx");
}

TEST_CASE("eight clients of Poco::Data work direct and with a server each", "[.long]") {
  worksEverywhere("poco_data");
}

TEST_CASE("eight clients of SQLAlchemy work direct and with a server each", "[.long]") {
  worksEverywhere("sqlalchemy");
}

TEST_CASE("eight clients of Django work direct and with a server each", "[.long]") {
  worksEverywhere("django");
}

TEST_CASE("eight clients of knex work direct and with a server each", "[.long]") {
  worksEverywhere("knex");
}

TEST_CASE("eight clients of sequelize work direct and with a server each", "[.long]") {
  worksEverywhere("sequelize");
}

TEST_CASE("eight clients of JDBC work direct and with a server each", "[.long]") {
  worksEverywhere("jdbc");
}

TEST_CASE("eight clients of lib/pq work direct and with a server each", "[.long]") {
  worksEverywhere("lib_pq");
}

TEST_CASE("eight clients of pgx work direct and with a server each", "[.long]") {
  worksEverywhere("pgx");
}

TEST_CASE("eight clients of PDO work direct and with a server each", "[.long]") {
  worksEverywhere("pdo");
}

TEST_CASE("eight clients of ruby-pg work direct and with a server each", "[.long]") {
  worksEverywhere("ruby_pg");
}

// A thread for each: pgbench prepares with a call that blocks its thread, and so all clients of
// that thread, also those whose transaction holds a server.
TEST_CASE("eight clients of pgbench with prepared statements work over two servers") {
  Scene scene(overServers("transaction", "2", "30s"));
  Command tables = scene.client({"pgbench", "-i", "-q", "-s", "1"});
  tables.environment["PGHOST"] = scene.postgres().socketDirectory();
  REQUIRE(run(tables).ok());
  const Finished finished =
      run(scene.client({"pgbench", "-n", "-c", "8", "-j", "8", "-t", "200", "-M", "prepared"}));
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.output.find("processed: 1600/1600") != std::string::npos);
  CHECK(
      scene.postgres().superuser("shop").exec("SELECT count(*) FROM pgbench_history").rows[0][0] ==
      "1600");
}

}  // namespace peerpool::testing
