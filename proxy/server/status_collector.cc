// One round at a time.

#include "proxy/server/status_collector.h"

#include <algorithm>
#include <utility>

namespace peerpool::server {

class StatusCollector::Deadline final : public event::Timer {
 public:
  explicit Deadline(StatusCollector& collector)
      : event::Timer(collector.loop_.timers()), collector_(collector) {}

 private:
  void onTimer(TimePoint) override { collector_.finish(); }
  StatusCollector& collector_;
};

StatusCollector::StatusCollector(event::EventLoop& loop, std::size_t workers, Ask ask,
                                 Duration patience)
    : loop_(loop),
      workers_(workers),
      ask_(std::move(ask)),
      patience_(patience),
      deadline_(std::make_unique<Deadline>(*this)) {}

StatusCollector::~StatusCollector() = default;

void StatusCollector::gather(Done done) {
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) {
    return;
  }
  ++round_;
  deadline_->set(loop_.now() + patience_);
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    ask_(worker, [this, round = round_](admin::WorkerReport report) {
      loop_.post([this, round, report = std::move(report)]() mutable {
        onReport(round, std::move(report));
      });
    });
  }
}

void StatusCollector::onReport(std::uint64_t round, admin::WorkerReport report) {
  if (round != round_ || waiting_.empty()) {
    return;
  }
  reports_.push_back(std::move(report));
  if (reports_.size() == workers_) {
    finish();
  }
}

void StatusCollector::finish() {
  deadline_->cancel();
  std::vector<admin::WorkerReport> reports = std::exchange(reports_, {});
  std::sort(reports.begin(), reports.end(),
            [](const auto& one, const auto& other) { return one.worker < other.worker; });
  for (const Done& done : std::exchange(waiting_, {})) {
    done(reports, reports.size() == workers_);
  }
}

}  // namespace peerpool::server
