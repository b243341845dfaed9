// The status document and its tables.

#include "proxy/admin/tables.h"

#include <catch2/catch.hpp>
#include <string>

#include "proxy/admin/status_json.h"

namespace peerpool::admin {
namespace {

using namespace std::chrono_literals;

StatusReport someReport() {
  StatusReport report;
  report.process = {"0.1.0", 42, "/etc/peerpool/peerpool.yaml", 192'000ms, 1, true};
  WorkerReport& worker = report.workers.emplace_back();
  PoolReport& pool = worker.pools.emplace_back();
  pool.backend = "main";
  pool.database = "shop";
  pool.login_role = "shop_rw";
  pool.mode = "transaction";
  pool.size = 20;
  pool.stats.clients = 50;
  pool.stats.waiting = 3;
  pool.stats.longest_wait = 1'250ms;
  pool.stats.active = 20;
  pool.stats.leases = 123456;
  pool.pinned = 2;
  pool.pins = {{"role", 1}, {"temporary table", 12}};
  worker.clients.push_back(
      {7, "pg", "web to shop", "web", 1001, 4711, "shop", "shop_rw", "active", 9, "psql", 3'400ms});
  report.workers.emplace_back().servers.push_back(
      {9, "main", "shop", "shop_rw", "active", 815, 7, 1, 90'000ms});
  report.limits = {{"process.max_clients", 0}, {"rules.limits.query", 12}};
  return report;
}

TEST_CASE("A table aligns words left and numbers right, and marks what is empty") {
  CHECK(
      formatTable({{"name"}, {"count", true}}, {{"a", "1"}, {"", "12345678"}, {"z\xc3\xa9", ""}}) ==
      "name     count\n"
      "a            1\n"
      "-     12345678\n"
      "z\xc3\xa9           -\n");
  CHECK(formatTable({{"name"}, {"what"}}, {{"long one", "x"}}) ==
        "name      what\n"
        "long one  x\n");
  CHECK(formatTable({{"name"}}, {}) == "name\n");
}

TEST_CASE("Ages are short") {
  const auto [age, text] = GENERATE(table<Duration, const char*>({
      {-5ms, "0ms"},
      {0ms, "0ms"},
      {999ms, "999ms"},
      {1'000ms, "1.0s"},
      {59'999ms, "59.9s"},
      {60s, "1m00s"},
      {303s, "5m03s"},
      {3600s + 300s, "1h05m"},
      {86400s * 3 + 4 * 3600s, "3d04h"},
  }));
  CHECK(formatAge(age) == text);
}

TEST_CASE("Everything has a first line and a heading for each part") {
  const auto text = statusTables(statusJson(someReport(), StatusKind::All));
  REQUIRE(text.has_value());
  CHECK(text.value() ==
        "peerpool 0.1.0  pid 42  config /etc/peerpool/peerpool.yaml  up 3m12s  generation 1\n"
        "\n"
        "pools\n"
        "backend  database  role     mode         worker  size  clients  waiting  max_wait  active"
        "  pinned  idle  login  closing  leases\n"
        "main     shop      shop_rw  transaction       0    20       50        3      1.2s      20"
        "       2     0      0        0  123456\n"
        "main/shop/shop_rw on worker 0: clients pinned so far: role 1, temporary table 12\n"
        "\n"
        "clients\n"
        "id  listener  rule         user   uid   pid  database  role     state   server  since"
        "  application_name\n"
        " 7  pg        web to shop  web   1001  4711  shop      shop_rw  active       9   3.4s"
        "  psql\n"
        "\n"
        "servers\n"
        "id  backend  database  role     state   pid  client  worker    age\n"
        " 9  main     shop      shop_rw  active  815       7       1  1m30s\n"
        "\n"
        "limits\n"
        "setting              hits\n"
        "process.max_clients     0\n"
        "rules.limits.query     12\n");
}

TEST_CASE("One part is only its table") {
  const auto [kind, first_word, rows] = GENERATE(table<StatusKind, const char*, int>({
      {StatusKind::Pools, "backend  database", 2},
      {StatusKind::Clients, "id  listener", 1},
      {StatusKind::Servers, "id  backend", 1},
      {StatusKind::Limits, "setting", 2},
  }));
  CHECK(statusKind(name(kind)) == kind);
  const auto text = statusTables(statusJson(someReport(), kind));
  REQUIRE(text.has_value());
  CHECK(text.value().starts_with(first_word));
  CHECK(std::count(text.value().begin(), text.value().end(), '\n') == rows + 1);
}

TEST_CASE("Troubles of a pool and missing workers are said in words") {
  StatusReport report = someReport();
  report.process.complete = false;
  report.workers[0].pools[0].stats.starved = true;
  report.workers[0].pools[0].stats.last_failure = "role \"shop_rw\" does not exist";
  const auto text = statusTables(statusJson(report, StatusKind::Pools));
  REQUIRE(text.has_value());
  CHECK(text.value().find("main/shop/shop_rw: login at the backend fails: role") !=
        std::string::npos);
  CHECK(text.value().find("max_connections is reached\n") != std::string::npos);
  CHECK(text.value().ends_with("incomplete: a worker did not answer in time\n"));
}

TEST_CASE("A backend that fails is told once for all its pools, with since when and what next") {
  StatusReport report = someReport();
  report.workers[0].pools.push_back(report.workers[0].pools[0]);
  report.workers[0].pools[1].database = "other";
  for (PoolReport& pool : report.workers[0].pools) {
    pool.stats.last_failure = "connect: No such file";
    pool.stats.backend_fails = true;
    pool.stats.failing_for = std::chrono::milliseconds(12300);
    pool.stats.next_attempt = std::chrono::milliseconds(80);
  }
  const std::string note =
      "backend main on worker 0: every login fails: connect: No such file (for 12.3s, next attempt "
      "in 80ms)\n";
  auto text = statusTables(statusJson(report, StatusKind::Pools));
  REQUIRE(text.has_value());
  CHECK(text.value().ends_with("\n" + note));  // Behind the notes of the pools.
  CHECK(text.value().find(note) == text.value().rfind(note));
  report.workers[0].pools.pop_back();
  report.workers[0].pools[0].stats.backend_fails = false;
  report.workers[0].pools[0].stats.next_attempt = {};
  text = statusTables(statusJson(report, StatusKind::Pools));
  REQUIRE(text.has_value());
  CHECK(
      text.value().ends_with("main/shop/shop_rw: login at the backend fails: connect: No such "
                             "file (for 12.3s, next attempt when a client asks)\n"));
}

TEST_CASE("What peers say cannot break the document or steer the terminal") {
  StatusReport report = someReport();
  report.workers[0].clients[0].application_name = "\x1b[2J\xff\"\n\\x";
  const std::string json = statusJson(report, StatusKind::Clients);
  CHECK(json.find('\x1b') == std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
  const auto text = statusTables(json);
  REQUIRE(text.has_value());
  CHECK(text.value().ends_with("  \\x1b[2J\\xff\"\\n\\x\n"));
}

TEST_CASE("Words that are no part of the status, and documents that are none") {
  CHECK_FALSE(statusKind("pool").has_value());
  CHECK_FALSE(statusKind("").has_value());
  const auto refused = statusTables(errorJson("no \"such\" thing"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::Refused);
  CHECK(refused.error().text == "no \"such\" thing");
  for (const char* json : {"", "{", "[]", "{\"pools\":[{}]}", "{\"complete\":1,\"pools\":[1]}"}) {
    const auto result = statusTables(json);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::Protocol);
  }
}

}  // namespace
}  // namespace peerpool::admin
