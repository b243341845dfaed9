// Cancels that race with the end of their query and with queries of other clients.

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

// Written by all threads.
struct Tally {
  std::atomic<int> cancelled{0};
  std::atomic<int> missed{0};
  std::mutex mutex;
  std::vector<std::string> wrong;

  void complain(std::string what) {
    const std::lock_guard lock(mutex);
    wrong.push_back(std::move(what));
  }
};

void mustSucceed(Pq& client, const std::string& sql, Tally& tally) {
  const auto result = client.exec(sql);
  if (result.command_tag != "SELECT 1") {
    tally.complain("not cancelled: " + result.sqlstate);
  }
}

// Sends a query and a cancel, then a query that nobody cancels.
void cancelOften(const Scene& scene, int rounds, Tally& tally) {
  Pq client = scene.connect();
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> key(PQgetCancel(client.get()), PQfreeCancel);
  std::array<char, 256> complaint{};
  for (int i = 0; i < rounds; ++i) {
    const std::string sql = "SELECT pg_sleep(" + std::to_string(i % 5) + " * 0.0005)";
    if (PQsendQuery(client.get(), sql.c_str()) != 1) {
      tally.complain(PQerrorMessage(client.get()));
      return;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 300));  // Early, in time, late.
    if (PQcancel(key.get(), complaint.data(), static_cast<int>(complaint.size())) != 1) {
      tally.complain(complaint.data());
      return;
    }
    while (PGresult* result = PQgetResult(client.get())) {
      const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      if (sqlstate == nullptr) {
        ++tally.missed;
      } else if (std::string(sqlstate) == "57014") {
        ++tally.cancelled;
      } else {
        tally.complain(PQresultErrorMessage(result));
      }
      PQclear(result);
    }
    mustSucceed(client, "SELECT pg_sleep(0.0002)", tally);
  }
}

// The same in bytes, by a client that speaks protocol 3.2; asserts nothing, as it has a thread of
// its own.
void cancelOftenIn32(const Scene& scene, int rounds, Tally& tally) {
  RawClient client(scene.socketPath());
  client.send(startupPacket(kProtocol32, {{"user", "app"}, {"database", "shop"}}));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  for (int i = 0; i < rounds; ++i) {
    client.send(queryMessage("SELECT pg_sleep(" + std::to_string(i % 5) + " * 0.0005)"));
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 300));
    RawClient canceller(scene.socketPath());
    canceller.send(cancelPacket(key));
    const bool closed = canceller.receiveUntilClosed() == "";
    const std::string answer = typesOf(client.receiveUntil('Z'));
    // It can hit behind the last row, too.
    const bool hit = answer == "E(57014)Z" || answer == "TE(57014)Z" || answer == "TDE(57014)Z";
    if (closed && (hit || answer == "TDCZ")) {
      ++(hit ? tally.cancelled : tally.missed);
    } else {
      tally.complain(closed ? "cancelled: " + answer : "a cancel was answered");
    }
    client.send(queryMessage("SELECT pg_sleep(0.0002)"));
    const std::string next = typesOf(client.receiveUntil('Z'));
    if (next != "TDCZ") {
      tally.complain("not cancelled: " + next);
    }
  }
}

// Half of the clients speak protocol 3.0, half 3.2.
void raceCancels(std::size_t workers, int rounds) {
  const Scene scene({.workers = workers,
                     .rules = everybodyMayBe("app"),
                     .pools = "  mode: transaction\n  size: 5\n  wait_timeout: 60s\n"});
  Tally tally;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  std::vector<std::thread> bystanders;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&, i] { (i % 2 == 0 ? cancelOften : cancelOftenIn32)(scene, rounds / 4, tally); });
    bystanders.emplace_back([&] {
      Pq client = scene.connect();
      while (!over) {
        mustSucceed(client, "SELECT pg_sleep(0.0005)", tally);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  over = true;
  for (std::thread& thread : bystanders) {
    thread.join();
  }
  WARN(rounds << " cancels: " << tally.cancelled << " hit their query, " << tally.missed
              << " nothing");
  CHECK(tally.wrong == std::vector<std::string>());
  CHECK(tally.cancelled + tally.missed == rounds);
  CHECK(tally.cancelled > 0);
}

}  // namespace

TEST_CASE("Cancel race: beside queries of other clients each hits its own or nothing") {
  raceCancels(1, 400);
  raceCancels(3, 400);
}

TEST_CASE("ten thousand cancels hit their own query or nothing", "[.long]") {
  raceCancels(1, 10'000);
  raceCancels(3, 10'000);
}

}  // namespace peerpool::testing
