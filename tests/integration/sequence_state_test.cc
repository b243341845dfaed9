// What a client did with sequences (currval(), lastval()) is its own: it gets that or an error, and
// never another client's.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

constexpr const char* kNotYetDefined = "55000";

SceneOptions oneServer() {
  return {.rules = everybodyMayBe("app"), .pools = "  mode: transaction\n  size: 1\n"};
}

void makeTable(const Scene& scene) {
  Pq admin = scene.postgres().superuser("shop");
  REQUIRE(admin
              .exec("CREATE TABLE bills (id serial, what text); GRANT ALL ON bills TO app; "
                    "GRANT ALL ON SEQUENCE bills_id_seq TO app")
              .ok);
}

std::string insertBill(Pq& client) {
  return client.exec("INSERT INTO bills (what) VALUES ('x') RETURNING id").value();
}

std::string backendPid(Pq& client) { return client.exec("SELECT pg_backend_pid()").value(); }

}  // namespace

TEST_CASE("a client that comes back to its server finds what it did with sequences") {
  const Scene scene(oneServer());
  makeTable(scene);
  Pq client = scene.connect();
  for (int i = 0; i < 3; ++i) {
    const std::string id = insertBill(client);
    CHECK(client.exec("SELECT lastval()").value() == id);
    CHECK(client.execParams("SELECT currval('bills_id_seq')", {}).value() == id);
  }
}

TEST_CASE("no client is told what another one did with sequences") {
  const Scene scene(oneServer());
  makeTable(scene);
  Pq first = scene.connect();
  Pq second = scene.connect();
  const std::string pid = backendPid(first);
  REQUIRE(second.prepare("named", "SELECT lastval()").ok);
  const auto ask = [&](int how) -> QueryResult {
    switch (how) {
      case 0:
        return second.exec("SELECT lastval()");
      case 1:
        return second.exec("SELECT 1; SELECT CurrVal ('bills_id_seq')");
      case 2:
        return second.execParams("SELECT lastval()", {});
      case 3:
        return second.execPrepared("named", {});
      case 4:
        return second.exec("EXECUTE named");
      case 5:
        REQUIRE(second.exec("DEALLOCATE ALL").ok);
        return second.prepare("other", "SELECT 1").ok ? second.exec("SELECT lastval()")
                                                      : QueryResult{};
      default:
        REQUIRE(second.prepare("late", "SELECT lastval()").ok);
        static_cast<void>(insertBill(first));
        return second.execPrepared("late", {});
    }
  };
  for (int how = 0; how < 7; ++how) {
    CAPTURE(how);
    static_cast<void>(insertBill(first));
    CHECK(ask(how).sqlstate == kNotYetDefined);
    CHECK(backendPid(second) == pid);
    const std::string id = insertBill(second);
    CHECK(second.exec("SELECT lastval()").value() == id);
  }
}

TEST_CASE("what a transaction did with sequences is there until its end") {
  const Scene scene(oneServer());
  makeTable(scene);
  Pq first = scene.connect();
  Pq second = scene.connect();
  static_cast<void>(insertBill(second));
  CHECK(first.exec("BEGIN").ok);
  const std::string id = insertBill(first);
  CHECK(first.exec("SELECT lastval()").value() == id);
  CHECK(first.exec("COMMIT").ok);
}

TEST_CASE("a reset because of sequences takes nothing from the client that needs it") {
  const Scene scene(oneServer());
  makeTable(scene);
  Pq first = scene.connect();
  Pq second = scene.connect();
  CHECK(second.exec("SET work_mem = '8MB'; SET TIME ZONE 'Asia/Tokyo'").ok);
  REQUIRE(second.prepare("named", "SELECT 'named'").ok);
  static_cast<void>(insertBill(first));
  CHECK(second.exec("SELECT lastval()").sqlstate == kNotYetDefined);
  CHECK(second.exec("SHOW work_mem").value() == "8MB");
  CHECK(second.exec("SHOW TimeZone").value() == "Asia/Tokyo");
  CHECK(second.execPrepared("named", {}).value() == "named");
}

TEST_CASE("a client that is bound to its server is not taken from it because of sequences") {
  const Scene scene(oneServer());
  makeTable(scene);
  Pq first = scene.connect();
  Pq second = scene.connect();
  static_cast<void>(insertBill(first));
  CHECK(second.exec("BEGIN").ok);
  CHECK(second.exec("CREATE TEMP TABLE mine AS SELECT 'mine' AS a").ok);
  const std::string id = insertBill(second);
  CHECK(second.exec("COMMIT").ok);
  CHECK(second.exec("SELECT lastval()").value() == id);
  CHECK(second.exec("SELECT a FROM mine").value() == "mine");
}

}  // namespace peerpool::testing
