// One thread of the data path: a loop with its clients, its pools and their servers.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "auth/admitted.h"
#include "auth/fair_share.h"
#include "proxy/admin/control.h"
#include "proxy/base/audit.h"
#include "proxy/base/limit_hits.h"
#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/server/resolver.h"

namespace peerpool::postgres {
class Frontend;
class PoolDirectory;
struct SharedLimits;
}  // namespace peerpool::postgres

namespace peerpool::server {

class KeyDerivation;

/// What all workers share; everything outlives them.
struct WorkerContext {
  Log& log;
  Audit& audit;
  LimitHits& limit_hits;
  postgres::SharedLimits& limits;
  Resolver& resolver;                  ///< For key derivation, which takes milliseconds.
  postgres::PoolDirectory& directory;  ///< Which worker owns which pool; budgets of backends.
  std::string credentials = {};        ///< Directory of `credential:` secrets; empty: none.
  event::FlusherKind flusher = event::FlusherKind::Auto;
};

/// Made, started and stopped by the main thread. All other members belong to the worker's own
/// thread.
class Worker {
 public:
  Worker(std::size_t index, const WorkerContext& context);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// All workers, this one among them, so that clients can move to the owner of their pool. Once,
  /// before any start().
  void setPeers(std::span<const std::unique_ptr<Worker>> all);

  /// Starts the thread; signals must be blocked already.
  void start();

  /// Ends the thread: all clients get FATAL 57P01, all servers Terminate; what takes longer than
  /// `grace` is cut off. Call requestStop() on all workers first, then join() on each.
  void requestStop(Duration grace);
  void join();

  /// Any thread: decides by `snapshot` from now on; see postgres::Frontend::adopt().
  void adopt(std::shared_ptr<const auth::Snapshot> snapshot);
  /// Any thread: see postgres::Frontend::drain(). Holds for those who are admitted later too.
  void drain(TimePoint deadline);

  /// Any thread: the worker answers (also a denied one, after its startup packet) and owns it.
  void admit(auth::Admitted admitted);

  /// Any thread: calls `done` on the worker's thread; `done` posts the report to where it belongs.
  void collect(std::function<void(admin::WorkerReport)> done);

  /// Any thread: Frontend::findPlace() and takePlace(). `answer` is called on the worker's thread.
  void findPlace(const auth::PlaceQuery& query,
                 std::function<void(std::optional<auth::PlaceCandidate>)> answer);
  void takePlace(ClientId client, const auth::LimitReached& limit,
                 std::function<void(auth::ClientPlaces)> answer);
  /// Any thread: runs `answer` on the worker's thread, if that still turns.
  void ping(event::Job answer) { loop_.post(std::move(answer)); }

  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 private:
  class Neighbourhood;
  class Stopper;
  void run();
  void drainNewcomers();

  std::size_t index_;
  WorkerContext context_;
  event::EventLoop loop_;
  std::unique_ptr<Neighbourhood> neighbourhood_;
  std::unique_ptr<KeyDerivation> keys_;
  std::unique_ptr<postgres::Frontend> frontend_;  // The thread's own.
  std::unique_ptr<Stopper> stopper_;              // The thread's own.
  std::optional<TimePoint> drain_until_;          // The thread's own.
  bool drain_again_ = false;                      // The thread's own: it is posted.
  std::span<const std::unique_ptr<Worker>> all_;
  std::thread thread_;
};

}  // namespace peerpool::server
