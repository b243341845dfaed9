// Random clients, backends and time under one seed; after each step all that must hold is checked.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxy/pool/pool_map.h"
#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

namespace {

constexpr std::size_t kPools = 5;
constexpr std::size_t kPlaces = 7;
constexpr std::size_t kClients = 30;

/// A backend end of one pool: what is being opened and closed there.
struct Fake {
  FakeConnector connector;
  std::vector<std::uint64_t> queue;  ///< Tickets of the waiters, in the order in which they asked.
};

class Forward final : public Connector {
 public:
  explicit Forward(FakeConnector& fake) : fake_(fake) {}
  void open(Pool& pool) override { fake_.open(pool); }
  void close(Pool& pool, std::unique_ptr<Server> server) noexcept override {
    fake_.close(pool, std::move(server));
  }

 private:
  FakeConnector& fake_;
};

class Simulation final : public PoolMapOwner {
 public:
  explicit Simulation(unsigned seed) : random_(seed), map_(*this) {}
  ~Simulation() { clients_.clear(); }

  void step() {
    now_ += milliseconds(chance(80) ? pick(20) : pick(5000));
    const std::size_t action = pick(100);
    if (action < 30) {
      comeOrAsk();
    } else if (action < 55) {
      giveBackOrLeave();
    } else if (action < 75) {
      endLogin();
    } else if (action < 88) {
      endClose();
    } else if (action < 90) {
      loseIdle();
    } else if (action < 92) {
      borrowOrReturn();
    }
    if (due_ <= now_ || chance(10)) {
      due_ = kNever;
      due_ = std::min(due_, map_.maintain(now_));
    }
  }

  void checkInvariants() {
    std::size_t places = borrowed_;
    std::size_t backends_count = borrowed_;
    map_.forEach([&](const PoolKey& key, const Pool& pool) {
      const PoolStats stats = pool.stats(now_);
      const std::size_t total = stats.login + stats.idle + stats.active + stats.closing;
      places += total;
      const Fake& fake = fakes_.at(key.database);
      backends_count +=
          fake.connector.opening + fake.connector.closing.size() + stats.idle + stats.active;
      REQUIRE(total <= stats.size);
      REQUIRE(stats.login == fake.connector.opening);
      REQUIRE(stats.closing == fake.connector.closing.size());
      REQUIRE((stats.waiting == 0 || stats.idle == 0));
      REQUIRE(stats.waiting == fake.queue.size());
      REQUIRE(stats.active == active(key.database));
      REQUIRE(stats.clients == attached(key.database));
      REQUIRE(stats.longest_wait < seconds(30));
      // Nobody waits while a place is free and nothing is on its way.
      if (stats.waiting > 0 && total < stats.size && stats.last_failure.empty() && !stats.starved) {
        REQUIRE(stats.login >= stats.waiting);
      }
    });
    REQUIRE(places == budget_.taken());
    REQUIRE(backends_count == budget_.taken());
    REQUIRE(budget_.taken() <= kPlaces);
    REQUIRE(due_ > now_);
  }

  /// Lets everything end; nothing may be left.
  void drain() {
    clients_.clear();
    for (std::size_t round = 0; round < 50; ++round) {
      now_ += minutes(11);
      (void)map_.maintain(now_);
      for (auto& [name, fake] : fakes_) {
        while (fake.connector.opening > 0) {
          fake.connector.connect(find(name), now_);
        }
        while (!fake.connector.closing.empty()) {
          fake.connector.finishClose(find(name), now_);
        }
      }
    }
    for (; borrowed_ > 0; --borrowed_) {
      budget_.giveBack();
    }
    REQUIRE(map_.size() == 0);
    REQUIRE(budget_.taken() == 0);
    REQUIRE_FALSE(awaited_);
  }

  [[nodiscard]] std::size_t served() const { return served_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] std::size_t starvations() const { return starvations_; }
  [[nodiscard]] std::size_t outages() const { return outages_; }

 private:
  /// A client of one pool; stands in the queue with a ticket.
  class Client final : public Waiter {
   public:
    Client(Simulation& simulation, std::string database)
        : simulation_(simulation), database_(std::move(database)) {
      simulation_.find(database_).attach(simulation_.now_);
    }
    ~Client() override {
      if (waiting()) {
        leaveQueue();
        leave();
      }
      lease_.reset();
      simulation_.find(database_).detach(simulation_.now_);
    }

    void ask() {
      const bool others_wait = !queue().empty();
      queue().push_back(ticket_ = ++simulation_.last_ticket_);
      lease_ = simulation_.find(database_).acquire(*this, ClientId{}, simulation_.now_);
      if (lease_) {
        REQUIRE_FALSE(others_wait);
        leaveQueue();
        use();
      }
    }
    void giveBack() {
      REQUIRE(simulation_.holders_.erase(lease_->server().id().value) == 1);
      Lease lease = std::move(*lease_);
      lease_.reset();
      lease.giveBack(simulation_.now_);
    }
    void discard() {
      simulation_.holders_.erase(lease_->server().id().value);
      lease_.reset();
    }
    [[nodiscard]] bool holds() const { return lease_.has_value(); }
    [[nodiscard]] const std::string& database() const { return database_; }

   private:
    void onLease(Lease lease) override {
      lease_ = std::move(lease);
      REQUIRE(queue().front() == ticket_);
      leaveQueue();
      use();
      if (simulation_.chance(20)) {
        giveBack();
        if (simulation_.chance(30)) {
          ask();
        }
      }
    }
    void onFailure(const Error& /*error*/) override {
      ++simulation_.failed_;
      leaveQueue();
      if (simulation_.chance(30)) {
        ask();
      }
    }
    /// No server has two users.
    void use() {
      ++simulation_.served_;
      REQUIRE(lease_->server().state() == ServerState::Active);
      REQUIRE(simulation_.holders_.insert(lease_->server().id().value).second);
    }
    std::vector<std::uint64_t>& queue() { return simulation_.fakes_[database_].queue; }
    void leaveQueue() { std::erase(queue(), ticket_); }

    Simulation& simulation_;
    std::string database_;
    std::uint64_t ticket_ = 0;
    std::optional<Lease> lease_;
  };

  Parts makeParts(const PoolKey& key) override {
    Fake& fake = fakes_[key.database];
    REQUIRE(fake.connector.opening == 0);
    REQUIRE(fake.connector.closing.empty());
    const auto letter = static_cast<unsigned char>(key.database[0]);
    fake.connector.last_id = std::max(fake.connector.last_id, std::uint64_t{1'000'000} * letter);
    return {std::make_unique<Forward>(fake.connector), &budget_};
  }
  void onDue(TimePoint due) override { due_ = std::min(due_, due); }
  void onStarved(const std::string& /*backend*/) override { ++starvations_; }
  void onPlaceFreed(const std::string& /*backend*/) override {}
  void onBackendFails(const std::string& /*backend*/, const Error& /*cause*/) override {
    ++outages_;
  }
  void onBackendAnswers(const std::string& /*backend*/, Duration /*outage*/) override {}
  void onAwaited(const std::string& /*backend*/, bool awaited) override {
    REQUIRE(awaited != std::exchange(awaited_, awaited));
  }

  Pool& find(const std::string& database) {
    config::Pool settings =
        settingsOf(1 + static_cast<std::size_t>(database[0] - 'a') % 4, database[0] == 'd' ? 2 : 0);
    settings.idle_timeout = seconds(20);
    settings.lifetime = seconds(60);
    return map_.find({.backend = "main",
                      .database = database,
                      .login_role = "role",
                      .settings = settings,
                      .startup_parameters = {}},
                     now_);
  }

  void comeOrAsk() {
    if (clients_.size() < kClients && chance(30)) {
      clients_.push_back(
          std::make_unique<Client>(*this, std::string(1, static_cast<char>('a' + pick(kPools)))));
    }
    Client* client = anyClient([](const Client& each) { return !each.holds() && !each.waiting(); });
    if (client != nullptr) {
      client->ask();
    }
  }
  void giveBackOrLeave() {
    if (chance(10)) {
      Client* client = anyClient([](const Client&) { return true; });
      if (client != nullptr && client->holds()) {
        client->discard();
      }
      std::erase_if(clients_, [client](const auto& each) { return each.get() == client; });
    } else if (Client* client = anyClient([](const Client& each) { return each.holds(); })) {
      chance(10) ? client->discard() : client->giveBack();
    }
  }
  void endLogin() {
    auto [name, fake] = anyFake();
    if (fake == nullptr || fake->connector.opening == 0) {
      return;
    }
    switch (pick(6)) {
      case 0:
        fake->connector.fail(find(name), {.code = ErrorCode::Refused, .text = "no"}, now_);
        break;
      case 1:
        fake->connector.fail(find(name), {.code = ErrorCode::Unreachable, .text = "away"}, now_);
        break;
      default:
        fake->connector.connect(find(name), now_);
    }
  }
  void endClose() {
    auto [name, fake] = anyFake();
    if (fake != nullptr && !fake->connector.closing.empty()) {
      fake->connector.finishClose(find(name), now_);
    }
  }
  void loseIdle() {
    auto [name, fake] = anyFake();
    if (fake == nullptr || map_.size() == 0) {
      return;
    }
    Pool& pool = find(name);
    for (Server* server = pool.servers().front(); server != nullptr;
         server = pool.servers().after(*server)) {
      if (server->state() == ServerState::Idle) {
        pool.onIdleLost(*server, now_);
        return;
      }
    }
  }
  /// Another worker takes a place, or gives one back and says so.
  void borrowOrReturn() {
    if (borrowed_ < 3 && chance(50) && budget_.tryTake()) {
      ++borrowed_;
    } else if (borrowed_ > 0) {
      --borrowed_;
      budget_.giveBack();
      map_.retryStarved("main", now_);
    }
  }

  std::size_t active(const std::string& database) const {
    return static_cast<std::size_t>(std::count_if(
        clients_.begin(), clients_.end(),
        [&](const auto& client) { return client->database() == database && client->holds(); }));
  }
  std::size_t attached(const std::string& database) const {
    return static_cast<std::size_t>(
        std::count_if(clients_.begin(), clients_.end(),
                      [&](const auto& client) { return client->database() == database; }));
  }
  template <typename Condition>
  Client* anyClient(const Condition& suits) {
    std::vector<Client*> found;
    for (const auto& client : clients_) {
      if (suits(*client)) {
        found.push_back(client.get());
      }
    }
    return found.empty() ? nullptr : found[pick(found.size())];
  }
  std::pair<std::string, Fake*> anyFake() {
    if (fakes_.empty()) {
      return {"", nullptr};
    }
    auto it = std::next(fakes_.begin(), static_cast<std::ptrdiff_t>(pick(fakes_.size())));
    return {it->first, &it->second};
  }
  std::size_t pick(std::size_t below) { return random_() % below; }
  bool chance(std::size_t percent) { return pick(100) < percent; }

  std::mt19937 random_;
  TimePoint now_ = kStart;
  TimePoint due_ = kNever;
  Budget budget_{kPlaces};
  std::size_t borrowed_ = 0;
  std::uint64_t last_ticket_ = 0;
  std::size_t served_ = 0;
  std::size_t failed_ = 0;
  std::size_t starvations_ = 0;
  std::size_t outages_ = 0;
  bool awaited_ = false;
  std::set<std::uint64_t> holders_;
  std::map<std::string, Fake> fakes_;
  PoolMap map_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

TEST_CASE("Pools keep their promises over 20 000 random steps", "[pool][simulation]") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    Simulation simulation(seed);
    for (int step = 0; step < 20'000; ++step) {
      simulation.step();
      simulation.checkInvariants();
    }
    // Dull runs prove nothing.
    CHECK(simulation.served() > 3000);
    CHECK(simulation.failed() > 100);
    CHECK(simulation.starvations() > 100);
    CHECK(simulation.outages() > 100);
    simulation.drain();
  }
}
