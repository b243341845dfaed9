// The configuration changes while clients are there.

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

/// `text` with `before` replaced by `after`; both must differ from what is there.
std::string with(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

std::string rule(const std::string& name, const std::string& role, const std::string& more = "") {
  return "  - name: " + name +
         "\n    allow: anyone\n    listener: pg\n    databases: [\"*\"]\n    roles: [" + role +
         "]\n" + more;
}

void requireReload(Scene& scene, const std::string& config) {
  scene.peerpool().replaceConfig(config);
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  REQUIRE(finished.exit_code == 0);
}

/// Reload under load, alternately a good and a broken file; `rounds` of each.
void reloadUnderLoad(const std::string& seconds) {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  const std::string good = scene.config();
  const std::string broken = with(good, "allow:", "alow:");
  const Finished init = run(scene.client({"pgbench", "-i", "-q"}));
  INFO(init.describe());
  REQUIRE(init.ok());
  Process bench(scene.client({"pgbench", "-n", "-c", "20", "-j", "2", "-T", seconds}));
  std::size_t rounds = 0;
  while (bench.running()) {
    ++rounds;
    scene.peerpool().replaceConfig(with(good, "size: 4", rounds % 4 < 2 ? "size: 5" : "size: 4"));
    scene.peerpool().signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    scene.peerpool().replaceConfig(broken);
    scene.peerpool().signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const Finished finished = bench.wait();
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.output.find("number of failed transactions: 0 ") != std::string::npos);
  CHECK(finished.errors.find("error") == std::string::npos);
  CHECK(scene.peerpool().events("reloaded").size() > rounds / 2);
  CHECK(scene.peerpool().events("reload refused").size() > rounds / 2);
  CHECK(scene.peerpool().events("client revoked").empty());
}

TEST_CASE("reloads of good and broken files under load fail no transaction") {
  reloadUnderLoad("3");
}

TEST_CASE("a reload each 100 ms for half a minute fails no transaction", "[.long]") {
  reloadUnderLoad("30");
}

TEST_CASE(
    "a rule that is taken away closes its sessions at their sync point and no other (check 51)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = rule("apps", "app") + rule("others", "other"),
               .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE DATABASE shop;"});
  RawClient idle(scene.socketPath());
  REQUIRE(idle.send(startupPacket(0x30000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(idle.receiveUntil('Z').back().type == 'Z');
  Pq busy = scene.connect();
  Pq other = scene.connect("user=other dbname=shop");
  REQUIRE(busy.exec("BEGIN").ok);
  REQUIRE(other.exec("SELECT 1").ok);

  requireReload(scene, with(scene.config(), rule("apps", "app"), ""));
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 2).size() == 2);
  const std::vector<RawMessage> closed = idle.receiveUntil('E');
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].field('C') == "57P01");
  CHECK(closed[0].field('M').find("the policy no longer permits this connection (ref ") == 0);
  CHECK(idle.receiveUntilClosed() == "");
  CHECK(busy.exec("SELECT 2").value() == "2");  // Its transaction is not over.
  CHECK(busy.exec("COMMIT").ok);
  CHECK_FALSE(busy.exec("SELECT 1").ok);
  CHECK(other.exec("SELECT 3").value() == "3");
  (void)requireDenied(scene, scene.connect());
  for (const LogLine& line : scene.peerpool().events("client revoked")) {
    CHECK(line["on_revoke"] == "close");
    CHECK(line["granted_by"] == "apps");
    CHECK(line["rule"] == "default");
  }
}

TEST_CASE("on_revoke says whether a session may stay or finish what it has begun (check 51)") {
  const std::string apps = rule("apps", "app", "    on_revoke: keep\n");
  const std::string others = rule("others", "other", "    on_revoke: drain\n");
  Scene scene({.rules = apps + others + rule("rest", "postgres", "    superuser: true\n"),
               .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE DATABASE shop;"});
  Pq kept = scene.connect();
  Pq drained = scene.connect("user=other dbname=shop");
  REQUIRE(kept.exec("SELECT 1").ok);
  REQUIRE(drained.exec("BEGIN").ok);
  requireReload(scene, with(scene.config(), apps + others, ""));
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 2).size() == 2);
  CHECK(kept.exec("SELECT 1").ok);
  CHECK(drained.exec("SELECT 1").ok);
  CHECK(drained.exec("COMMIT").ok);
  CHECK_FALSE(drained.exec("SELECT 1").ok);
  CHECK(kept.exec("SELECT 1").ok);
  (void)requireDenied(scene, scene.connect());
}

TEST_CASE("a session whose rule now gives another role is closed") {
  Scene scene({.rules = rule("apps", "app", "    as: app\n"),
               .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE DATABASE shop;"});
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT current_user").value() == "app");
  requireReload(scene, with(scene.config(), "as: app", "as: other"));
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 1).size() == 1);
  CHECK_FALSE(client.exec("SELECT 1").ok);
  CHECK(scene.connect().exec("SELECT current_user").value() == "other");
}

TEST_CASE("a broken file changes nothing and the command says where it is wrong (check 50)") {
  Scene scene({.rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  scene.peerpool().replaceConfig(with(scene.config(), "allow: anyone", "alow: anyone"));
  const Finished refused = scene.peerpool().reload();
  INFO(refused.describe());
  CHECK(refused.exit_code == 78);
  CHECK(refused.errors.find("peerpool.yaml:") != std::string::npos);
  CHECK(refused.errors.find("unknown key \"alow\"\n  hint: did you mean allow?") !=
        std::string::npos);
  CHECK(refused.errors.find("generation 1 stays in force") != std::string::npos);
  CHECK(scene.peerpool().waitForEvents("reload refused", 1).size() == 1);
  CHECK(client.exec("SELECT 1").ok);
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a reload that cannot make one of its sockets makes none") {
  Scene scene({.rules = everybodyMayBe("app")});
  const std::string directory = scene.socketDirectory();
  writeFile(directory + "/occupied", "no socket");
  const std::string more =
      "  second: { path: " + directory + "/.s.PGSQL.5433, backend: main, mode: \"0600\" }\n" +
      "  third: { path: " + directory + "/occupied, backend: main, mode: \"0600\" }\nrules:\n";
  scene.peerpool().replaceConfig(
      with(with(scene.config(), "mode: \"0666\"\n    open_to_everybody: true", "mode: \"0600\""),
           "rules:\n", more));
  const Finished refused = scene.peerpool().reload();
  INFO(refused.describe());
  CHECK(refused.exit_code == 78);
  CHECK(refused.errors.find("occupied") != std::string::npos);
  CHECK_FALSE(exists(directory + "/.s.PGSQL.5433"));
  CHECK(permissionsOf(scene.socketPath()) == 0666);
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("the running one answers a request that it does not know") {
  const Scene scene({.rules = everybodyMayBe("app")});
  std::string socket;
  for (const std::string& name : filesIn(scene.directory() / "run")) {
    socket = name.ends_with(".sock") ? scene.directory() / ("run/" + name) : socket;
  }
  RawClient client(socket);
  REQUIRE(client.send("drop all\n"));
  CHECK(client.receiveUntilClosed() == "{\"error\":\"no such request: drop all\"}\n");
}

TEST_CASE("what needs a restart stays as it is, and the command says so") {
  Scene scene({.rules = everybodyMayBe("app")});
  scene.peerpool().replaceConfig(with(scene.config(), "workers: 1", "workers: 2"));
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK(finished.output == "reloaded, generation 2\n");
  CHECK(finished.errors.find("process.workers: 1 runs, 2 needs a restart") != std::string::npos);
}

TEST_CASE("another pool size counts at once, for those who are there too") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 60s\n"});
  Pq one = scene.connect();
  Pq two = scene.connect();
  REQUIRE(one.exec("BEGIN").ok);
  requireReload(scene, with(scene.config(), "size: 1", "size: 2"));
  CHECK(two.exec("BEGIN").ok);
  CHECK(one.exec("COMMIT").ok);
  CHECK(two.exec("COMMIT").ok);
  requireReload(scene, with(scene.config(), "wait_timeout: 60s", "wait_timeout: 200ms"));
  CHECK(one.exec("BEGIN").ok);
  CHECK(two.exec("SELECT 1").sqlstate == "53300");
  CHECK(scene.postgres()
            .execute("SELECT count(*) FROM pg_stat_activity WHERE usename='app'")
            .value() == "1");
}

TEST_CASE("a backend at another address gets the next request of everybody") {
  Postgres second;
  second.execute("CREATE ROLE app LOGIN");
  second.execute("CREATE DATABASE shop");
  Scene scene({.rules = everybodyMayBe("app")});
  Pq client = scene.connect();
  Pq busy = scene.connect();
  const std::string where = "SELECT setting FROM pg_settings WHERE name='data_directory'";
  scene.postgres().execute("GRANT pg_read_all_settings TO app");
  second.execute("GRANT pg_read_all_settings TO app");
  const std::string first_place = client.exec(where).value();
  REQUIRE_FALSE(first_place.empty());
  REQUIRE(busy.exec("BEGIN").ok);
  requireReload(scene, with(scene.config(), scene.postgres().socketPath(), second.socketPath()));
  CHECK(eventually([&] { return client.exec(where).value() != first_place; }));
  CHECK(busy.exec(where).value() == first_place);
  // Its cancels go where its server is.
  REQUIRE(PQsendQuery(busy.get(), "SELECT pg_sleep(60)") == 1);
  REQUIRE(eventually([&] {
    return scene.postgres()
               .execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
               .value() == "1";
  }));
  PGcancel* cancel = PQgetCancel(busy.get());
  char error[256] = {};
  CHECK(PQcancel(cancel, error, sizeof error) == 1);
  PQfreeCancel(cancel);
  PGresult* result = PQgetResult(busy.get());
  CHECK(std::string(PQresultErrorField(result, PG_DIAG_SQLSTATE)) == "57014");
  PQclear(result);
  CHECK(PQgetResult(busy.get()) == nullptr);
  CHECK(busy.exec("ROLLBACK").ok);
  CHECK(busy.exec(where).value() != first_place);
}

}  // namespace
}  // namespace peerpool::testing
