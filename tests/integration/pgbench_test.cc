// Load: many clients over few servers, counted in pg_stat_activity while it runs.

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

constexpr std::size_t kPoolSize = 10;

SceneOptions benchOptions(std::size_t workers) {
  return {.workers = workers,
          .rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 10\n"};
}

// pgbench's tables, made past the proxy.
void makeTables(Scene& scene) {
  Command command = scene.client({"pgbench", "-i", "-q", "-s", "1"});
  command.environment["PGHOST"] = scene.postgres().socketDirectory();
  const Finished finished = run(command);
  INFO(finished.describe());
  REQUIRE(finished.ok());
}

void benchmark(std::size_t workers, std::vector<std::string> arguments) {
  CAPTURE(workers);
  Scene scene(benchOptions(workers));
  makeTables(scene);
  ConnectionSampler sampler(scene.postgres(), "app");
  arguments.insert(arguments.begin(), {"pgbench", "-n", "-j", "2"});
  const Finished finished = run(scene.client(arguments));
  sampler.stop();
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.output.find("number of failed transactions: 0 ") != std::string::npos);
  CHECK(finished.errors.find("abort") == std::string::npos);
  CHECK(sampler.samples() > 20);
  CHECK(sampler.highest() > 1);
  CHECK(sampler.highest() <= kPoolSize);
  scene.stopPeerpool();
}

// The values of `key` in the rows of a status document; its head has a pid of its own.
std::set<std::string> numbersIn(const std::string& document, const std::string& key) {
  const std::string text = document.substr(std::min(document.find('['), document.size()));
  const std::regex pattern("\"" + key + "\"\\s*:\\s*([0-9]+)");
  std::set<std::string> numbers;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), pattern);
       found != std::sregex_iterator(); ++found) {
    numbers.insert((*found)[1]);
  }
  return numbers;
}

}  // namespace

TEST_CASE("50 clients read over 10 servers by the simple protocol") {
  benchmark(GENERATE(as<std::size_t>{}, 1, 3), {"-S", "-c", "50", "-T", "2", "-M", "simple"});
}

TEST_CASE("50 clients read over 10 servers by the extended protocol") {
  benchmark(GENERATE(as<std::size_t>{}, 1, 3), {"-S", "-c", "50", "-T", "2", "-M", "extended"});
}

TEST_CASE("20 clients write over 10 servers") {
  benchmark(GENERATE(as<std::size_t>{}, 1, 3), {"-c", "20", "-T", "2"});
}

TEST_CASE("clients with prepared statements keep their servers") {
  benchmark(GENERATE(as<std::size_t>{}, 1, 3), {"-S", "-c", "8", "-T", "2", "-M", "prepared"});
}

TEST_CASE("clients that come and go all the time are served") {
  benchmark(GENERATE(as<std::size_t>{}, 1, 3), {"-S", "-C", "-c", "20", "-T", "2"});
}

TEST_CASE("half a minute of each load", "[.long]") {
  benchmark(3, {"-S", "-c", "50", "-T", "30", "-M", "simple"});
  benchmark(3, {"-S", "-c", "50", "-T", "30", "-M", "extended"});
  benchmark(3, {"-c", "20", "-T", "30"});
  benchmark(3, {"-S", "-c", "10", "-T", "30", "-M", "prepared"});
}

TEST_CASE("status shows the servers that PostgreSQL sees while pgbench runs") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene(benchOptions(workers));
  makeTables(scene);
  Process load(scene.client({"pgbench", "-n", "-S", "-c", "50", "-j", "2", "-T", "20"}));
  const auto pidsInPostgres = [&] {
    std::set<std::string> pids;
    for (const auto& row :
         scene.postgres().execute("SELECT pid FROM pg_stat_activity WHERE usename = 'app'").rows) {
      pids.insert(row[0]);
    }
    return pids;
  };
  // PostgreSQL shows a server from the middle of its login on.
  Finished servers;
  REQUIRE(eventually([&] {
    servers = scene.peerpool().status({"--json", "servers"});
    const std::set<std::string> pids = numbersIn(servers.output, "pid");
    return pids.size() == kPoolSize && pids.count("0") == 0;
  }));
  INFO(servers.describe());
  CHECK(servers.ok());
  CHECK(numbersIn(servers.output, "pid") == pidsInPostgres());
  const Finished clients = scene.peerpool().status({"--json", "clients"});
  CHECK(numbersIn(clients.output, "id").size() >= 50);
  CHECK(numbersIn(clients.output, "pid") == std::set<std::string>{std::to_string(load.pid())});
  const Finished pools = scene.peerpool().status({"pools"});
  INFO(pools.describe());
  CHECK(pools.ok());
  CHECK(pools.output.find("shop") != std::string::npos);
  CHECK(scene.peerpool().status({}).ok());
}

TEST_CASE("status of a peerpool that does not run ends with 69") {
  Scene scene({.rules = everybodyMayBe("app")});
  const TempDir empty;
  CHECK(runPeerpool({"status", "--config", scene.directory() / "peerpool.yaml", "--runtime-dir",
                     empty.path()})
            .exit_code == 69);
}

}  // namespace peerpool::testing
