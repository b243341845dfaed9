// A round of questions, and the word to the manager once all have answered.

#include "proxy/server/service.h"

#include <algorithm>
#include <utility>

namespace peerpool::server {

/// Twice as often as the manager wants to hear of us. A round that is still open is waited for: the
/// silence is what ends a process of which a part hangs.
class Service::Pulse final : private event::Timer {
 public:
  Pulse(Service& service, Duration period)
      : event::Timer(service.parts_.loop.timers()), service_(service), period_(period) {
    set(service_.parts_.loop.now());
  }

 private:
  void onTimer(TimePoint now) override {
    if (service_.unanswered_ == 0) {
      service_.ask();
    }
    set(now + period_);
  }

  Service& service_;
  Duration period_;
};

/// Says what changed, and not more often than people read.
class Service::StatusLine final : private event::Timer {
 public:
  explicit StatusLine(Service& service)
      : event::Timer(service.parts_.loop.timers()), service_(service) {
    set(service_.parts_.loop.now());
  }

 private:
  void onTimer(TimePoint now) override {
    std::string line = service_.parts_.status();
    if (line != last_) {
      service_.manager_.notifyStatus(line);
      last_ = std::move(line);
    }
    set(now + kStatusPeriod);
  }

  Service& service_;
  std::string last_;
};

Service::Service(Parts parts) : parts_(std::move(parts)), manager_(parts_.notify_socket) {}

Service::~Service() = default;

void Service::notifyReady() {
  if (stopping_) {
    return;
  }
  manager_.notifyReady();
  if (parts_.notify_socket.empty() || status_line_ != nullptr) {
    return;
  }
  status_line_ = std::make_unique<StatusLine>(*this);
  if (parts_.watchdog) {
    const auto half = std::chrono::duration_cast<Duration>(*parts_.watchdog / 2);
    pulse_ = std::make_unique<Pulse>(*this, std::max(half, Duration(1)));
  }
}

void Service::notifyReloading() {
  if (!stopping_) {
    manager_.notifyReloading(Clock::now());
  }
}

void Service::notifyStopping() {
  stopping_ = true;
  manager_.notifyStopping();
}

void Service::ask() {
  ++round_;
  unanswered_ = parts_.workers;
  for (std::size_t worker = 0; worker < parts_.workers; ++worker) {
    parts_.ask(worker,
               [this, round = round_] { parts_.loop.post([this, round] { onAlive(round); }); });
  }
}

void Service::onAlive(std::uint64_t round) {
  if (round == round_ && --unanswered_ == 0) {
    manager_.notifyAlive();
  }
}

}  // namespace peerpool::server
