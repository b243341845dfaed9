// kill -9 of a client in every state of the protocol: its server serves the next client, soon, and
// shows it nothing of the first.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <random>
#include <utility>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kManyRows = 50'000'000;

bool answered(RawClient& client, char type) {
  const std::vector<RawMessage> messages = client.receiveUntil(type);
  return !messages.empty() && messages.back().type == type;
}

bool ask(RawClient& client, const std::string& sql) {
  return client.send(queryMessage(sql)) && answered(client, 'Z');
}

std::string parseBindExecute(const std::string& sql) {
  return rawMessage('P', std::string(1, '\0') + sql + '\0' + std::string(2, '\0')) +
         rawMessage('B', std::string(8, '\0')) + rawMessage('E', std::string(5, '\0'));
}

std::string select(std::size_t rows) {
  return "SELECT repeat('x', 1000), generate_series(1, " + std::to_string(rows) + ")";
}

struct Death {
  const char* state;
  bool reusable;
  std::function<bool(RawClient&)> work;
};

bool begin(RawClient& client) {
  return ask(client, "BEGIN") && ask(client, "INSERT INTO t VALUES (1)");
}

bool startCopy(RawClient& client) {
  return client.send(queryMessage("COPY t FROM STDIN")) && answered(client, 'G');
}

// What the client does when it is killed; before that it has left a mess behind in its session.
std::vector<Death> deathsOfQueries() {
  return {
      {"idle", true, [](RawClient&) { return true; }},
      {"open transaction", true, begin},
      {"failed transaction", true,
       [](RawClient& client) { return ask(client, "BEGIN") && ask(client, "SELECT 1/0"); }},
      {"running query", true,
       [](RawClient& client) {
         return client.send(queryMessage("INSERT INTO t VALUES (1); SELECT pg_sleep(1000)"));
       }},
      {"several queries on their way", true,
       [](RawClient& client) {
         return client.send(queryMessage("SELECT pg_sleep(1000)") +
                            queryMessage("SELECT pg_sleep(1000)") + queryMessage("BEGIN"));
       }},
      {"query that was just sent, in a transaction", true,
       [](RawClient& client) {
         return begin(client) && client.send(queryMessage("SELECT pg_sleep(1000)"));
       }},
  };
}

std::vector<Death> deathsOfCopies() {
  return {
      {"COPY IN", true,
       [](RawClient& client) {
         return startCopy(client) && client.send(rawMessage('d', "1\n2\n"));
       }},
      {"COPY IN that was not answered yet", true,
       [](RawClient& client) {
         return client.send(queryMessage("SELECT pg_sleep(0.2); COPY t FROM STDIN") +
                            rawMessage('d', "1\n2\n"));
       }},
      {"COPY IN of the extended protocol", true,
       [](RawClient& client) {
         return client.send(parseBindExecute("COPY t FROM STDIN") + rawMessage('H', "")) &&
                answered(client, 'G') && client.send(rawMessage('d', "1\n"));
       }},
      {"COPY OUT", true,
       [](RawClient& client) {
         return client.send(queryMessage("COPY (" + select(kManyRows) + ") TO STDOUT")) &&
                answered(client, 'd');
       }},
  };
}

std::vector<Death> deathsOfBatches() {
  return {
      {"rows", true,
       [](RawClient& client) {
         return client.send(queryMessage(select(kManyRows))) && answered(client, 'D');
       }},
      {"extended batch without Sync", true,
       [](RawClient& client) {
         return client.send(parseBindExecute("SELECT 1") + rawMessage('H', "")) &&
                answered(client, 'C');
       }},
      {"extended batch without Sync that runs", true,
       [](RawClient& client) {
         return client.send(parseBindExecute("SELECT pg_sleep(1000)") + rawMessage('H', ""));
       }},
      {"failed extended batch without Sync", true,
       [](RawClient& client) {
         return client.send(parseBindExecute("SELECT 1/0")) && answered(client, 'E');
       }},
  };
}

std::vector<Death> deathsOfHalves() {
  return {
      {"half of a small message", true,
       [](RawClient& client) {
         return begin(client) &&
                client.send(queryMessage("SELECT 'half of it is missing'").substr(0, 12));
       }},
      {"half of a small CopyData", true,
       [](RawClient& client) {
         return startCopy(client) && client.send(rawMessage('d', "1\n2\n").substr(0, 6));
       }},
      {"half of a large message", false,
       [](RawClient& client) {
         return begin(client) &&
                client.send(
                    queryMessage("SELECT '" + std::string(100'000, 'x') + "'").substr(0, 50'000));
       }},
      {"half of a large message behind a running query", false,
       [](RawClient& client) {
         return begin(client) && client.send(queryMessage("SELECT pg_sleep(1000)")) &&
                client.send(
                    queryMessage("SELECT '" + std::string(100'000, 'x') + "'").substr(0, 50'000));
       }},
  };
}

std::vector<Death> deaths() {
  std::vector<Death> all = deathsOfQueries();
  for (const auto& more : {deathsOfCopies(), deathsOfBatches(), deathsOfHalves()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

SceneOptions oneServer(std::size_t workers, const std::string& mode) {
  SceneOptions options;
  options.workers = workers;
  options.rules = everybodyMayBe("app");
  options.pools = "  mode: " + mode + "\n  size: 1\n  wait_timeout: 20s\n";
  return options;
}

void makeTable(const Scene& scene) {
  scene.postgres().execute("CREATE TABLE t (a int)", "shop");
  scene.postgres().execute("GRANT ALL ON t TO app", "shop");
}

// Leaves marks in the session, then works.
std::unique_ptr<Victim> kill(const Scene& scene, const Death& death, bool mess) {
  return std::make_unique<Victim>(scene.socketPath(), [&death, mess](RawClient& client) {
    return (!mess ||
            (ask(client, "SET work_mem = '8MB'") && ask(client, "CREATE TEMP TABLE leak (a int)") &&
             ask(client, "SELECT pg_advisory_lock_shared(1)") && ask(client, "LISTEN leak"))) &&
           death.work(client);
  });
}

void checkClean(Pq& client) {
  CHECK(client.exec("SHOW work_mem").value() == "4MB");
  CHECK(client.exec("SELECT count(*) FROM pg_class WHERE relpersistence = 't'").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM pg_listening_channels()").value() == "0");
  CHECK(client.exec("SELECT count(*) FROM t").value() == "0");
  CHECK(client.exec("INSERT INTO t VALUES (2)").ok);  // No transaction is open: it stays.
  CHECK(client.exec("DELETE FROM t").ok);
}

struct Served {
  milliseconds waited{0};  // From the death to the answer to the next client.
  bool reused = false;
};

// `pid`: the server's; what it is afterwards.
Served killAndServe(const Scene& scene, const Death& death, bool mess, std::string& pid) {
  std::unique_ptr<Victim> victim = kill(scene, death, mess);
  victim.reset();
  const auto died_at = steady_clock::now();
  Pq next = scene.connect();
  const std::string next_pid = next.exec("SELECT pg_backend_pid()").value();
  const auto waited = std::chrono::duration_cast<milliseconds>(steady_clock::now() - died_at);
  checkClean(next);
  return {waited, next_pid == std::exchange(pid, next_pid)};
}

// So many servers were not brought to rest in time.
std::size_t deadlinesMissed(const Scene& scene, std::size_t closed) {
  std::size_t missed = 0;
  for (const LogLine& line : scene.peerpool().waitForEvents("server not reusable", closed)) {
    if (line["reason"] == "not at rest by the deadline") {
      ++missed;
    }
  }
  return missed;
}

void killAndServe(std::size_t workers, const std::string& mode, bool mess) {
  const Scene scene(oneServer(workers, mode));
  makeTable(scene);
  std::string pid = scene.connect().exec("SELECT pg_backend_pid()").value();
  milliseconds longest{0};
  const char* slowest = "";
  std::size_t missed = 0;
  for (const Death& death : deaths()) {
    CAPTURE(workers, mode, mess, death.state);
    Served served = killAndServe(scene, death, mess, pid);
    // Where many tests share the cores, PostgreSQL may not come to answer in time. The server is
    // closed then, as it has to be; but not each time.
    for (int again = 0; death.reusable && !served.reused && again < 2; ++again) {
      if (deadlinesMissed(scene, missed + 1) != missed + 1) {
        break;
      }
      ++missed;
      served = killAndServe(scene, death, mess, pid);
    }
    if (served.waited > longest) {
      longest = served.waited;
      slowest = death.state;
    }
    INFO(scene.peerpool().log());
    CHECK(served.reused == death.reusable);
    // ServerRecovery::kDeadline leaves half a second for a new server. What is measured is a fifth
    // of it where four busy loops share two cores with the test.
    CHECK(served.waited < milliseconds(2000));
  }
  std::cout << "client killed, " << mode << " pooling, " << workers
            << " workers: the next is served "
            << "within " << longest.count() << " ms (" << slowest << "), " << missed
            << " deadlines missed\n";
}

// No client and no server in use is left; idle servers may be. Without those there is no pool.
bool atRest(const Scene& scene) {
  const std::string pools = scene.peerpool().status({"--json", "pools"}).output;
  const auto has = [&pools](const std::string& text) {
    return pools.find(text) != std::string::npos;
  };
  return has("\"pools\":[]") ||
         (has("\"clients\":0,") && has("\"waiting\":0,") && has("\"active\":0,") &&
          has("\"login\":0,") && has("\"closing\":0,"));
}

// Some live at a time, and each is killed in a state that chance picks.
void killMany(const Scene& scene, std::size_t count, std::mt19937& chance) {
  const std::vector<Death> all = deaths();
  std::vector<std::unique_ptr<Victim>> living;
  for (std::size_t i = 0; i < count; ++i) {
    if (living.size() == 4) {
      living.erase(living.begin() + static_cast<std::ptrdiff_t>(chance() % living.size()));
    }
    living.push_back(kill(scene, all[chance() % all.size()], chance() % 4 == 0));
  }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMostGrowthKib = 64 * 1024;  // They keep what is freed, or its history.
#else
constexpr std::size_t kMostGrowthKib = 1024;
#endif

void survive(std::size_t workers, std::size_t kills) {
  SceneOptions options = oneServer(workers, "transaction");
  options.pools = "  mode: transaction\n  size: 4\n  wait_timeout: 20s\n";
  const Scene scene(options);
  makeTable(scene);
  const unsigned seed = std::random_device{}();
  CAPTURE(workers, kills, seed);
  std::mt19937 chance(seed);
  killMany(scene, kills / 4, chance);
  REQUIRE(eventually([&] { return atRest(scene); }));
  const pid_t pid = scene.peerpool().pid();
  const std::size_t memory = residentKib(pid);
  // Servers come and go: at most the four of the pool.
  const std::size_t descriptors = descriptorsOf(pid);
  killMany(scene, kills, chance);
  CHECK(eventually([&] { return atRest(scene); }));
  INFO(scene.peerpool().status({}).output);
  CHECK(descriptorsOf(pid) <= descriptors + 4);
  CHECK(residentKib(pid) < memory + kMostGrowthKib);
  Pq next = scene.connect();
  CHECK(next.exec("BEGIN").ok);
  checkClean(next);
}

}  // namespace

TEST_CASE("a client killed in any state leaves its server to the next one, transaction pooling") {
  killAndServe(GENERATE(as<std::size_t>{}, 1, 3), "transaction", GENERATE(false, true));
}

TEST_CASE("a client killed in any state leaves its server to the next one, session pooling") {
  killAndServe(GENERATE(as<std::size_t>{}, 1, 3), "session", true);
}

TEST_CASE("a server that does not obey a cancel keeps its place until PostgreSQL has ended it") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const bool at_once = GENERATE(true, false);
  CAPTURE(workers, at_once);
  const Scene scene(oneServer(workers, "transaction"));
  const std::string pid = scene.connect().exec("SELECT pg_backend_pid()").value();
  const pid_t backend = std::stoi(pid);
  {
    const Victim victim(scene.socketPath(), [](RawClient& client) {
      return ask(client, "BEGIN") && client.send(queryMessage("SELECT pg_sleep(1000)"));
    });
    ::kill(backend, SIGSTOP);
  }
  const auto died_at = steady_clock::now();
  RawClient next(scene.socketPath());
  CHECK(next.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  CHECK(next.send(queryMessage("SELECT pg_backend_pid()")));
  CHECK(scene.peerpool().waitForEvents("server not reusable", 1).size() == 1);
  const auto given_up = std::chrono::duration_cast<milliseconds>(steady_clock::now() - died_at);
  if (!at_once) {
    // PostgreSQL counts it on, and so do we.
    const auto late = scene.peerpool().waitForEvents("server does not end", 1);
    REQUIRE(late.size() == 1);
    CHECK(late[0]["pid"] == pid);
  }
  const auto goes_on_at = steady_clock::now();
  ::kill(backend, SIGCONT);
  CHECK(next.receiveUntil('D').back().body.substr(6) != pid);
  const auto served = std::chrono::duration_cast<milliseconds>(steady_clock::now() - goes_on_at);
  std::cout << "server that does not obey: given up after " << given_up.count()
            << " ms, its successor is there " << served.count() << " ms after it goes on\n";
  CHECK(served < milliseconds(3000));
}

TEST_CASE("statements that catch their cancel do not make more servers than there may be") {
  SceneOptions options = oneServer(1, "transaction");
  options.pools = "  mode: transaction\n  size: 2\n  wait_timeout: 60s\n";
  Scene scene(options);
  const auto stubborn = [&](const std::string& more) {
    return scene.postgres()
        .superuser()
        .exec(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %stubborn%' "
            "AND pid <> pg_backend_pid()" +
            more)
        .value();
  };
  std::vector<RawClient> more;
  for (int i = 0; i < 4; ++i) {
    RawClient client(scene.socketPath());
    REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
    REQUIRE(client.send(queryMessage(catchesCancels("15 s"))));
    if (i < 2) {
      // Not before it is where it catches cancels.
      REQUIRE(eventually(
          [&] { return stubborn(" AND wait_event = 'PgSleep'") == std::to_string(i + 1); }));
      client.close();
    } else {
      more.push_back(std::move(client));
    }
  }
  CHECK(scene.peerpool().waitForEvents("server does not end", 2).size() == 2);
  CHECK(stubborn("") == "2");
}

TEST_CASE("many kills leave descriptors and memory and pools as they were") {
  survive(GENERATE(as<std::size_t>{}, 1, 3), 100);
}

TEST_CASE("a thousand kills leave descriptors and memory and pools as they were", "[.long]") {
  survive(GENERATE(as<std::size_t>{}, 1, 3), 1000);
}

}  // namespace peerpool::testing
