// Asks all workers for their reports and joins the answers. Never waits for one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "proxy/admin/control.h"
#include "proxy/event/event_loop.h"

namespace peerpool::server {

/// Lives on the main thread's loop. Requests that come while one is under way share its answer.
class StatusCollector {
 public:
  /// Reports of the workers that answered, in the workers' order; complete: all did.
  using Done = std::function<void(const std::vector<admin::WorkerReport>& reports, bool complete)>;
  /// Asks worker number `worker`; its answer may come on any thread, or never.
  using Ask =
      std::function<void(std::size_t worker, std::function<void(admin::WorkerReport)> answer)>;

  StatusCollector(event::EventLoop& loop, std::size_t workers, Ask ask, Duration patience);
  ~StatusCollector();
  StatusCollector(const StatusCollector&) = delete;
  StatusCollector& operator=(const StatusCollector&) = delete;

  /// Calls `done` once, in a later turn.
  void gather(Done done);

 private:
  class Deadline;
  void onReport(std::uint64_t round, admin::WorkerReport report);
  void finish();

  event::EventLoop& loop_;
  std::size_t workers_;
  Ask ask_;
  Duration patience_;
  std::uint64_t round_ = 0;  // Answers to an earlier one come too late.
  std::vector<Done> waiting_;
  std::vector<admin::WorkerReport> reports_;
  std::unique_ptr<Deadline> deadline_;
};

}  // namespace peerpool::server
