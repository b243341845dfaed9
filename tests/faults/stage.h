// One loop with a frontend, a fake backend and clients that speak a script, in manual time. Calls
// count only while the loop turns.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/event/event_loop.h"
#include "proxy/postgres/frontend.h"
#include "tests/faults/injector.h"
#include "tests/simulation/surroundings.h"
#include "tests/support/fake_postgres.h"
#include "tests/support/manual_clock.h"

namespace peerpool::faults {

class Stage {
 public:
  Stage(const std::string& backend_path, event::FlusherKind flusher);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// One client's end of a connection that was admitted.
  class Client {
   public:
    explicit Client(Stage& stage);
    /// Sends `bytes`, and lets everything run until `count` messages of type `end` came, or the
    /// connection ended. False: it ended.
    bool ask(std::string_view bytes, std::size_t count = 1, char end = 'Z');
    void send(std::string_view bytes);
    void leave() noexcept { fd_.reset(); }
    /// All that came since the last ask().
    [[nodiscard]] const std::string& answer() const noexcept { return inbox_; }

   private:
    [[nodiscard]] bool read();

    Stage& stage_;
    UniqueFd fd_;
    std::string inbox_;
    bool ended_ = false;
  };

  /// A turn of the loop and a step of the backend; `time` passes before it.
  void turn(Duration time = Duration(1));
  /// Nobody is here; all time limits pass. Then everything must be given back.
  void checkAllGone();

  [[nodiscard]] testing::FakePostgres& backend() noexcept { return backend_; }

 private:
  testing::ManualClock clock_;
  testing::FakePostgres backend_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  simulation::Surroundings surroundings_;
  std::shared_ptr<std::atomic<std::size_t>> live_;
  event::EventLoop loop_;
  postgres::PoolDirectory directory_;
  std::unique_ptr<postgres::Frontend> frontend_;
  std::uint64_t last_client_ = 0;
};

/// Startup packet for database "one".
[[nodiscard]] std::string hello();

}  // namespace peerpool::faults
