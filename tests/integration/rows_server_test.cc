// What a pooler that takes another's place must get right between its servers and who waits for
// them, and at the door, one test for each row.

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "proxy/base/bytes.h"
#include "tests/integration/rows.h"

namespace peerpool::testing {
namespace {

/// Bytes of a CancelRequest.
std::string cancelRequest(const std::string& key_data) {
  std::string out;
  appendUint32(out, static_cast<std::uint32_t>(key_data.size() + 8));
  appendUint32(out, 80877102);
  return out + key_data;
}

std::string encryptionRequest(std::uint32_t code) {
  std::string out;
  appendUint32(out, 8);
  appendUint32(out, code);
  return out;
}

constexpr std::uint32_t kSslRequest = 80877103;
constexpr std::uint32_t kGssRequest = 80877104;
constexpr std::uint32_t kVersion3 = 0x00030000;

}  // namespace

TEST_CASE(
    "SSLRequest and GSSENCRequest on a Unix socket: N, in either order, nothing behind them") {
  const Scene scene(oneServerFor());
  const auto order =
      GENERATE(std::make_pair(kSslRequest, kGssRequest), std::make_pair(kGssRequest, kSslRequest));
  RawClient client(scene.socketPath());
  REQUIRE(client.send(encryptionRequest(order.first)));
  CHECK(client.receive(1) == "N");
  REQUIRE(client.send(encryptionRequest(order.second)));
  CHECK(client.receive(1) == "N");
  REQUIRE(client.send(startupPacket(kVersion3, {{"user", "app"}, {"database", "shop"}})));
  CHECK(client.receiveUntil('Z').back().type == 'Z');
  // Bytes that do not wait for the answer are no secret of anybody.
  RawClient hasty(scene.socketPath());
  REQUIRE(hasty.send(encryptionRequest(order.first) +
                     startupPacket(kVersion3, {{"user", "app"}, {"database", "shop"}})));
  const auto all = hasty.receiveUntilClosed();
  REQUIRE(all);
  CHECK(all->find("08P01") != std::string::npos);
}

TEST_CASE("Protocol 2: refused with FATAL") {
  const Scene scene(oneServerFor());
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(0x00020000, {{"user", "app"}, {"database", "shop"}})));
  const auto told = client.receiveUntil('E');
  REQUIRE(!told.empty());
  CHECK(told.back().field('S') == "FATAL");
  CHECK(told.back().field('C') == "0A000");
}

TEST_CASE(
    "Startup packet: split anywhere it is understood, without user or end it is refused (check "
    "31)") {
  const Scene scene(oneServerFor());
  const std::string good = startupPacket(kVersion3, {{"user", "app"}});
  RawClient pieces(scene.socketPath());
  for (const char byte : good) {
    REQUIRE(pieces.send(std::string(1, byte)));
  }
  CHECK(pieces.receiveUntil('Z').back().field('C') == "3D000");  // The database is the user's.
  RawClient nobody(scene.socketPath());
  REQUIRE(nobody.send(startupPacket(kVersion3, {{"database", "shop"}})));
  CHECK(nobody.receiveUntil('E').back().field('S') == "FATAL");
  RawClient endless(scene.socketPath());
  std::string cut = good;
  cut.back() = 'x';
  REQUIRE(endless.send(cut));
  CHECK(endless.receiveUntil('E').back().field('S') == "FATAL");
}

TEST_CASE("Cancel: an idle client's does nothing, an unknown key is closed without a word") {
  const Scene scene(oneServerFor());
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kVersion3, {{"user", "app"}, {"database", "shop"}})));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  REQUIRE(key.size() == 8);
  std::string wrong = key;
  wrong.back() = static_cast<char>(wrong.back() + 1);
  for (const std::string& which : {key, wrong}) {
    RawClient cancel(scene.socketPath());
    REQUIRE(cancel.send(cancelRequest(which)));
    CHECK(cancel.receiveUntilClosed() == "");
  }
  REQUIRE(client.send(asQuery("SELECT 1")));
  CHECK(client.receiveUntil('Z').front().type == 'T');
}

TEST_CASE("First PID word of the key: positive") {
  const Scene scene(oneServerFor());
  std::set<int> pids;
  for (int i = 0; i < 50; ++i) {
    const Pq client = scene.connect();
    CHECK(client.announcedPid() > 0);
    pids.insert(client.announcedPid());
  }
  CHECK(pids.size() == 50);
}

TEST_CASE(
    "Parameter sync: the server's spelling is the client's, whatever the case, and is not sent "
    "again") {
  const Scene scene(oneServerFor());
  Pq one =
      scene.connect("user=app dbname=shop client_encoding=utf-8 options='-c datestyle=german'");
  Pq other = scene.connect();
  CHECK(PQparameterStatus(one.get(), "client_encoding") == std::string("UTF8"));
  CHECK(PQparameterStatus(one.get(), "DateStyle") == std::string("German, DMY"));
  for (int i = 0; i < 3; ++i) {
    CHECK(one.exec("SHOW DateStyle").value() == "German, DMY");
    CHECK(other.exec("SHOW DateStyle").value() == "ISO, MDY");
  }
  CHECK(one.exec("SET datestyle TO iso").ok);
  CHECK(PQparameterStatus(one.get(), "DateStyle") == std::string("ISO, DMY"));
  CHECK(other.exec("SHOW DateStyle").value() == "ISO, MDY");
  CHECK(one.exec("SHOW DateStyle").value() == "ISO, DMY");
}

TEST_CASE("Long tracked values: each byte of them follows its client") {
  const Scene scene(oneServerFor());
  const std::string name(63, 'n');
  Pq one = scene.connect("user=app dbname=shop application_name=" + name);
  Pq other = scene.connect();
  const std::string path = '"' + std::string(60, 'a') + "\", \"" + std::string(60, 'b') + "\", \"" +
                           std::string(60, 'c') + "\", \"" + std::string(60, 'd') + '"';
  CHECK(one.exec("SET search_path TO " + path).ok);
  for (int i = 0; i < 2; ++i) {
    CHECK(other.exec("SHOW search_path").value() == "\"$user\", public");
    CHECK(one.exec("SHOW application_name").value() == name);
    std::string shown = path;
    shown.erase(std::remove(shown.begin(), shown.end(), '"'), shown.end());
    CHECK(one.exec("SHOW search_path").value() == shown);
  }
}

TEST_CASE("ParameterStatus outside queries: a linked client hears of it, and the next ones do") {
  Scene scene(oneServerFor("  mode: session\n  size: 1\n"));
  Pq client = scene.connect();
  CHECK(PQparameterStatus(client.get(), "TimeZone") != std::string("Asia/Tokyo"));
  REQUIRE(scene.postgres().superuser().exec("ALTER SYSTEM SET TimeZone = 'Asia/Tokyo'").ok);
  REQUIRE(scene.postgres().superuser().exec("SELECT pg_reload_conf()").ok);
  CHECK(eventually([&] {
    return client.exec("SELECT 1").ok &&
           PQparameterStatus(client.get(), "TimeZone") == std::string("Asia/Tokyo");
  }));
}

TEST_CASE("Notice or error from an unlinked idle server: it is never used again") {
  Scene scene(oneServerFor());
  Pq client = scene.connect();
  const std::string pid = client.exec("SELECT pg_backend_pid()").value();
  REQUIRE(scene.postgres().superuser().exec("SELECT pg_terminate_backend(" + pid + ")").ok);
  REQUIRE(scene.peerpool().waitForEvents("server lost", 1).size() == 1);
  const QueryResult after = client.exec("SELECT pg_backend_pid()");
  CHECK(after.ok);
  CHECK(after.value() != pid);
}

TEST_CASE("Server gone mid-transaction: the server's own words, then the end") {
  Scene scene(oneServerFor());
  Talker client(scene);
  REQUIRE(client.ask(asQuery("BEGIN")) == "CZ");
  const std::string answer = client.ask(asQuery("SELECT pg_backend_pid()"));
  const std::string pid = answer.substr(3, answer.find(')') - 3);
  REQUIRE(scene.postgres().superuser().exec("SELECT pg_terminate_backend(" + pid + ")").ok);
  const auto told = client.raw().receiveUntil('E');
  REQUIRE(!told.empty());
  CHECK(told.back().field('C') == "57P01");
  CHECK(client.raw().receiveUntilClosed());
}

TEST_CASE("Backend refuses login: who waits is told the backend's words and SQLSTATE") {
  SceneOptions options = oneServerFor();
  options.prepare += "CREATE DATABASE closed OWNER app ALLOW_CONNECTIONS false;";
  const Scene scene(options);
  const Pq client = scene.connect("user=app dbname=closed");
  CHECK(client.sqlstate() == "55000");
  CHECK(client.error().find("not currently accepting connections") != std::string::npos);
  Pq other = scene.connect();
  CHECK(other.exec("SELECT 1").ok);
}

TEST_CASE("Waiting client: a notice after wait_notice, and an end after wait_timeout") {
  const Scene scene(
      oneServerFor("  mode: transaction\n  size: 1\n  wait_notice: 100ms\n  wait_timeout: 1s\n"));
  Pq holder = scene.connect();
  REQUIRE(holder.exec("BEGIN").ok);
  Talker client(scene);
  REQUIRE(client.raw().send(asQuery("SELECT 1")));
  const auto told = client.raw().receiveUntil('E');
  REQUIRE(told.size() == 2);
  CHECK(told[0].type == 'N');
  CHECK(told[0].field('M').find("wait_notice") != std::string::npos);
  CHECK(told[1].field('S') == "FATAL");
  CHECK(told[1].field('C') == "53300");
  CHECK(told[1].field('M').find("wait_timeout") != std::string::npos);
}

TEST_CASE("Replication in a transaction pool: refused, and that hits only its client") {
  const Scene scene(oneServerFor());
  const Pq replication = scene.connect("user=app dbname=shop replication=database");
  CHECK_FALSE(replication.connected());
  CHECK_FALSE(replication.sqlstate().empty());
  Pq other = scene.connect();
  CHECK(other.exec("SELECT 1").ok);
}

}  // namespace peerpool::testing
