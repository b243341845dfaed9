// The process as a service: tells the manager that it lives, that its workers do, and what it does
// in one line. How that is said is systemd.h's.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proxy/base/clock.h"
#include "proxy/event/event_loop.h"
#include "proxy/event/job.h"
#include "proxy/server/systemd.h"

namespace peerpool::server {

/// Lives on the main thread's loop; all but the answers of workers is called there.
class Service {
 public:
  struct Parts {
    event::EventLoop& loop;
    std::string notify_socket;
    std::optional<std::chrono::microseconds> watchdog;
    std::size_t workers = 0;
    /// Has `answer` called on the worker's own thread, or never when that hangs.
    std::function<void(std::size_t worker, event::Job answer)> ask;
    /// One line of short figures.
    std::function<std::string()> status;
  };
  explicit Service(Parts parts);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// All listeners are up, or a reload is over.
  void notifyReady();
  void notifyReloading();
  /// The end has begun: neither of the others is said any more, whatever else ends meanwhile.
  void notifyStopping();
  /// Instead of the figures, until they change the next time.
  void notifyStatus(std::string_view text) { manager_.notifyStatus(text); }

  static constexpr Duration kStatusPeriod{10'000};

 private:
  class Pulse;
  class StatusLine;
  void onAlive(std::uint64_t round);
  void ask();

  Parts parts_;
  ServiceManager manager_;
  bool stopping_ = false;
  std::uint64_t round_ = 0;     // Of questions to the workers.
  std::size_t unanswered_ = 0;  // Of this round.
  std::unique_ptr<Pulse> pulse_;
  std::unique_ptr<StatusLine> status_line_;
};

}  // namespace peerpool::server
