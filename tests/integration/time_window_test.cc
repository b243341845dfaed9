// Rules that hold at some hours only, with a time zone whose clocks the test sets.

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "proxy/base/bytes.h"
#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kEnd = std::int64_t{13} * 3'600;

/// A tz database with one zone, Test/Zone, whose clocks can be set to the second.
class Zone {
 public:
  Zone() {
    REQUIRE(::setenv("TZDIR", directory_.path().c_str(), 1) == 0);
    setBeforeEnd(std::chrono::hours(1));
  }
  ~Zone() { ::unsetenv("TZDIR"); }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  /// Its clocks show so much before 13:00. Who has loaded it does not see that.
  void setBeforeEnd(std::chrono::seconds rest) const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const std::int64_t offset = kEnd - rest.count() - now.count() % kDay;
    std::string header = "TZif2" + std::string(15, '\0');
    for (const std::uint32_t count : {0U, 0U, 0U, 0U, 1U, 4U}) {
      appendUint32(header, count);
    }
    std::string data;
    appendUint32(data, static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)));
    data += std::string(2, '\0') + "TST" + std::string(1, '\0');
    writeFile(directory_ / "Test", header + data + header + data + "\n\n");
  }

 private:
  TempDir directory_;
};

std::string rule(const std::string& role, const std::string& more) {
  return "  - name: " + role + "\n    allow: anyone\n    listener: pg\n    databases: [shop]\n" +
         "    roles: [" + role + "]\n" + more;
}

constexpr const char* kWindow = "    when: { hours: \"11:00-13:00\", timezone: Test }\n";

constexpr const char* kPrepare =
    "CREATE ROLE app LOGIN; CREATE ROLE drains LOGIN; CREATE ROLE keeps LOGIN; CREATE DATABASE "
    "shop; ";

/// So that the window ends in a moment.
void endSoon(const Scene& scene, const Zone& zone) {
  zone.setBeforeEnd(std::chrono::seconds(2));
  const Finished finished = scene.peerpool().reload();
  INFO(finished.describe());
  REQUIRE(finished.exit_code == 0);
}

}  // namespace

TEST_CASE("a session ends with its window at its next sync point and nobody comes in after it") {
  const Zone zone;
  Scene scene({.workers = 2, .rules = rule("app", kWindow), .prepare = kPrepare});
  Pq idle = scene.connect();
  REQUIRE(idle.exec("SELECT 1").ok);
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  endSoon(scene, zone);
  const auto revoked = scene.peerpool().waitForEvents("client revoked", 2);
  REQUIRE(revoked.size() == 2);
  CHECK(revoked[0]["at_window_end"] == "close");
  CHECK(busy.exec("COMMIT").ok);
  CHECK_FALSE(busy.exec("SELECT 1").ok);
  const QueryResult last = idle.exec("SELECT 1");
  CHECK_FALSE(last.ok);
  CHECK(idle.error().find("the policy no longer permits") != std::string::npos);
  const LogLine line = requireDenied(scene, scene.connect());
  CHECK(line["reason"].find("no rule of listener") != std::string::npos);
}

TEST_CASE("a session that does not rest is ended ten seconds after its window") {
  const Zone zone;
  Scene scene({.rules = rule("app", kWindow), .prepare = kPrepare});
  Pq busy = scene.connect();
  REQUIRE(busy.exec("BEGIN").ok);
  endSoon(scene, zone);
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 1).size() == 1);
  CHECK(scene.peerpool().waitForEvents("client closed", 1).size() == 1);
  CHECK_FALSE(busy.exec("COMMIT").ok);
}

TEST_CASE("at_window_end says what becomes of sessions") {
  const Zone zone;
  Scene scene({.rules = rule("drains", kWindow + std::string("    at_window_end: drain\n")) +
                        rule("keeps", kWindow + std::string("    at_window_end: keep\n")),
               .prepare = kPrepare});
  Pq drains = scene.connect("user=drains dbname=shop");
  REQUIRE(drains.exec("BEGIN").ok);
  Pq keeps = scene.connect("user=keeps dbname=shop");
  REQUIRE(keeps.exec("SELECT 1").ok);
  endSoon(scene, zone);
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 2).size() == 2);
  CHECK(keeps.exec("SELECT 1").ok);
  CHECK(drains.exec("SELECT 1").ok);
  CHECK(drains.exec("COMMIT").ok);
  CHECK_FALSE(drains.exec("SELECT 1").ok);
  CHECK(keeps.exec("SELECT 1").ok);
  requireDenied(scene, scene.connect("user=keeps dbname=shop"));
}

TEST_CASE("where another rule takes over at the end of a window the session goes on") {
  const Zone zone;
  Scene scene({.rules = "  - name: by day\n    allow: anyone\n    listener: pg\n"
                        "    databases: [shop]\n    roles: [app]\n" +
                        std::string(kWindow) + rule("app", ""),
               .prepare = kPrepare});
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT 1").ok);
  endSoon(scene, zone);
  const auto byRule = [&](const std::string& name) {
    return scene.peerpool().status({"clients"}).output.find(name) != std::string::npos;
  };
  CHECK(eventually([&] { return !byRule("by day"); }));
  CHECK(client.exec("SELECT 1").ok);
  CHECK(scene.peerpool().events("client revoked").empty());
}

TEST_CASE("a deny that begins ends sessions as well") {
  const Zone zone;
  Scene scene({.rules = "  - { name: night, deny: anyone, listener: pg, "
                        "when: { hours: \"13:00-11:00\", timezone: Test } }\n" +
                        rule("app", ""),
               .prepare = kPrepare});
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT 1").ok);
  endSoon(scene, zone);
  const auto revoked = scene.peerpool().waitForEvents("client revoked", 1);
  REQUIRE(revoked.size() == 1);
  CHECK(revoked[0]["rule"] == "night");
  CHECK_FALSE(client.exec("SELECT 1").ok);
}

TEST_CASE("explain tells what a rule says at another time") {
  const Zone zone;
  Scene scene({.rules = rule("app", kWindow), .prepare = kPrepare});
  const auto explain = [&](const std::string& at) {
    return scene.peerpool().explain(
        {"--listener", "pg", "--user", "root", "--database", "shop", "--role", "app", "--at", at});
  };
  CHECK(explain("Mon 12:00").exit_code == 0);
  const Finished late = explain("Mon 14:00");
  CHECK(late.exit_code == 77);
  CHECK(late.output.find("it is Mon 14:00, and the rule holds only") != std::string::npos);
  CHECK(explain("noon").exit_code == 64);
}

}  // namespace peerpool::testing
