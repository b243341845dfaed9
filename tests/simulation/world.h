// Everything under one seed: clients, the real frontend with its sessions, pools and codec, and a
// fake backend, on one thread and in manual time. After each turn all that must hold is checked.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxy/event/event_loop.h"
#include "proxy/postgres/frontend.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/sim_client.h"
#include "tests/simulation/surroundings.h"
#include "tests/support/fake_postgres.h"
#include "tests/support/manual_clock.h"

namespace peerpool::simulation {

/// An invariant is broken; the text begins with its name.
class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class World {
 public:
  /// `backend_path`: a socket path that nobody uses.
  World(std::uint64_t seed, const std::string& backend_path, Tally& tally);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// A whole run: turns with trouble, then a calm end in which everybody must be answered and
  /// everything given back. Throws Broken.
  void run();

 private:
  /// How much goes wrong: percentages of an action.
  struct Trouble {
    std::size_t death = 0;    ///< A server dies.
    std::size_t stall = 0;    ///< A server is slow.
    std::size_t login = 0;    ///< A login goes wrong.
    std::size_t restart = 0;  ///< The whole backend goes, and comes back.
    std::size_t garbage = 0;  ///< A server says what it should not.
    std::size_t flood = 0;    ///< Many clients at once.
    std::size_t freeze = 0;   ///< A server does nothing any more.
    bool late = false;        ///< The backend does not act in every turn.
    std::size_t reload = 0;   ///< Another configuration.
    std::size_t audit = 0;    ///< The audit log is full, or no longer.
  };

  void chooseTrouble();
  void chooseShape();
  void act();
  void addClient();
  void troubleServers();
  void restartBackend();
  void reload();
  void drain();
  testing::FakeLogin login();
  testing::FakeSession* anySession();
  void turn();
  void checkPools();
  void checkLinks();
  void checkQueue();
  void checkBackend();
  void checkSnapshots();
  void checkRules();
  void checkNothingLeft();
  void checkComplaints();
  void calmDown();
  void checkAllGone();
  [[noreturn]] void broken(const std::string& invariant, const std::string& what) const;
  [[nodiscard]] std::size_t places() const;

  std::size_t descriptors_before_;
  Chance chance_;
  Tally& tally_;
  Trouble trouble_;
  Shape shape_;
  Manners manners_;
  testing::ManualClock clock_;
  testing::FakePostgres backend_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  std::shared_ptr<const auth::Snapshot> snapshot_before_;  // Of the last reload.
  Surroundings surroundings_;
  std::shared_ptr<std::atomic<std::size_t>> live_;
  std::unique_ptr<event::EventLoop> loop_;
  std::unique_ptr<postgres::PoolDirectory> directory_;
  std::unique_ptr<postgres::Frontend> frontend_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  std::vector<std::string> complaints_;
  bool frozen_ = false;  // A server is: not every request is answered.
  std::map<std::uint64_t, std::size_t> waiting_since_;  // Client to turn.
  std::size_t turns_ = 0;
  std::map<const pool::Pool*, std::size_t> servers_before_;  // In the turn before.
  std::size_t places_before_ = 0;
  std::size_t sessions_before_ = 0;  // Of the backend, logged in.
  TimePoint revoked_at_ = kNever;    // When database "two" was taken away.
  TimePoint drain_until_ = kNever;
  std::size_t reloaded_in_ = 0;           // The turn.
  TimePoint turned_at_;                   // The loop, in the turn before.
  std::set<std::uint32_t> alive_before_;  // Sessions of the backend, in the turn before.
  std::size_t queue_unsure_until_ = 0;    // A server died: waiters may have joined the queue again.
  std::uint64_t last_client_ = 0;
};

}  // namespace peerpool::simulation
