// Drivers of other languages at their usual work (tests/clients).

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string clientScript(const std::string& name) {
  return std::string(PEERPOOL_SOURCE_DIR) + "/tests/clients/" + name;
}

void runDriver(Command command) {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const std::string mode = GENERATE(as<std::string>{}, "session", "transaction");
  CAPTURE(workers, mode);
  const Scene scene({.workers = workers,
                     .rules = everybodyMayBe("app"),
                     .pools = "  mode: " + mode + "\n  size: 5\n"});
  command.environment["PGHOST"] = scene.socketDirectory();
  command.environment["PGUSER"] = "app";
  command.environment["PGDATABASE"] = "shop";
  const Finished finished = run(command);
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.output.find("all well\n") != std::string::npos);
}

}  // namespace

TEST_CASE("psycopg2 does its usual work") {
  if (!run({{"/usr/bin/python3", "-c", "import psycopg2"}}).ok()) {
    skipBecause("psycopg2 is not installed");
    return;
  }
  runDriver({{"/usr/bin/python3", clientScript("psycopg2_client.py")}});
}

TEST_CASE("node-postgres does its usual work") {
  const std::string modules =
      std::string(PEERPOOL_BINARY_DIR) + "/clients/node_modules:/usr/share/nodejs";
  Command probe{{"node", "-e", "require('pg')"}};
  probe.environment["NODE_PATH"] = modules;
  if (!run(probe).ok()) {
    skipBecause("node-postgres is not installed");
    return;
  }
  Command command{{"node", clientScript("node_postgres_client.js")}};
  command.environment["NODE_PATH"] = modules;
  runDriver(command);
}

}  // namespace peerpool::testing
