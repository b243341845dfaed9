// Clients that do not read, or send without reading: memory stays bounded, and others are served.

#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

// Far above the buffers of a session and the arena of a worker, far below what is not read.
constexpr std::size_t kMostGrowthKib = 32 * 1024;

RawClient login(const Scene& scene) {
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

// Sends `bytes` over and over until the other side takes no more for a while; returns how many
// bytes it took.
std::size_t sendUntilStuck(RawClient& client, const std::string& bytes, std::size_t most) {
  std::size_t total = 0;
  while (total < most) {
    pollfd writable{client.fd(), POLLOUT, 0};
    if (::poll(&writable, 1, 1'000) <= 0) {
      break;
    }
    const ssize_t sent = ::send(client.fd(), bytes.data() + total % bytes.size(),
                                bytes.size() - total % bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      break;
    }
    total += sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  return total;
}

// Others work for some time, and peerpool does not grow meanwhile.
void checkOthersServed(const Scene& scene, std::size_t memory) {
  Pq other = scene.connect();
  for (int i = 0; i < 200; ++i) {
    REQUIRE(other.exec("SELECT repeat('x', 10000)").ok);
  }
  CHECK(residentKib(scene.peerpool().pid()) < memory + kMostGrowthKib);
}

SceneOptions twoServers(std::size_t workers) {
  SceneOptions options;
  options.workers = workers;
  options.rules = everybodyMayBe("app");
  options.pools = "  mode: transaction\n  size: 2\n";
  return options;
}

}  // namespace

TEST_CASE(
    "a client that does not read a huge result costs no memory and others are served (check 30)") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const bool one_row = GENERATE(false, true);
  CAPTURE(workers, one_row);
  const Scene scene(twoServers(workers));
  RawClient lazy = login(scene);
  const std::size_t memory = residentKib(scene.peerpool().pid());
  // 1 GB in rows of 1 kB; or 200 MB in each of some.
  REQUIRE(
      lazy.send(queryMessage(one_row ? "SELECT repeat('x', 200000000), generate_series(1, 5)"
                                     : "SELECT repeat('x', 1000), generate_series(1, 1000000)")));
  REQUIRE(lazy.receiveMessage()->type == 'T');
  checkOthersServed(scene, memory);
  lazy.close();
  checkOthersServed(scene, memory);
}

TEST_CASE("a client that sends requests without reading answers is read no further") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const Scene scene(twoServers(workers));
  RawClient talker = login(scene);
  const std::size_t memory = residentKib(scene.peerpool().pid());
  const std::string requests = queryMessage("SELECT repeat('x', 100000)");
  CHECK(sendUntilStuck(talker, requests, 100'000'000) < 100'000'000);
  checkOthersServed(scene, memory);
  talker.close();
  checkOthersServed(scene, memory);
}

TEST_CASE("a client whose server does not read is read no further") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const Scene scene(twoServers(workers));
  RawClient talker = login(scene);
  const std::size_t memory = residentKib(scene.peerpool().pid());
  REQUIRE(talker.send(queryMessage("SELECT pg_sleep(1000)")));
  const std::string comment = queryMessage("SELECT 1 --" + std::string(1'000'000, 'x'));
  CHECK(sendUntilStuck(talker, comment, 500'000'000) < 500'000'000);
  checkOthersServed(scene, memory);
}

TEST_CASE("clients that ask on and on and do not read what they are told cost no memory") {
  // A server for each: one whose answers do not fit holds its server until it reads.
  SceneOptions options = twoServers(1);
  options.pools = "  mode: transaction\n  size: 40\n";
  const Scene scene(options);
  std::vector<RawClient> lazy;
  for (int i = 0; i < 30; ++i) {
    lazy.push_back(login(scene));
  }
  const std::size_t memory = residentKib(scene.peerpool().pid());
  const std::string query = queryMessage("SELECT repeat('x', 8000)");
  Pq other = scene.connect();
  std::size_t asked = 0;
  for (int round = 0; round < 400; ++round) {
    for (const RawClient& client : lazy) {
      // In vain when its socket is full.
      const ssize_t sent = ::send(client.fd(), query.data(), query.size(), MSG_DONTWAIT);
      asked += &client == &lazy[0] && sent > 0 ? 1U : 0U;
    }
    REQUIRE(other.exec("SELECT 1").ok);  // Served after them.
  }
  checkOthersServed(scene, memory);
  // Whoever begins to read gets all of it.
  std::size_t answers = 0;
  while (answers < asked) {
    const std::optional<RawMessage> message = lazy[0].receiveMessage();
    REQUIRE(message);
    answers += message->type == 'Z' ? 1U : 0U;
  }
}

TEST_CASE("half a message holds no server") {
  SceneOptions options = twoServers(1);
  options.pools = "  mode: transaction\n  size: 1\n";
  const Scene scene(options);
  std::vector<RawClient> halves;
  for (int i = 0; i < 5; ++i) {
    halves.push_back(login(scene));
    REQUIRE(halves.back().send(queryMessage("SELECT 'half'").substr(0, 10)));
  }
  Pq other = scene.connect();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(other.exec("SELECT 1").ok);
  }
  for (RawClient& half : halves) {
    REQUIRE(half.send(queryMessage("SELECT 'half'").substr(10)));
    CHECK(half.receiveUntil('Z').back().body == "I");
  }
}

}  // namespace peerpool::testing
