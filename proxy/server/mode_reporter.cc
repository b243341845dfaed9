#include "proxy/server/mode_reporter.h"

#include <utility>

namespace peerpool::server {

std::string describeMode(const auth::Policy& policy, config::Instant now) {
  return policy.audits(now) ? "audit until " + config::printInstant(*policy.config().audit_until)
                            : "enforce";
}

ModeReporter::ModeReporter(event::EventLoop& loop, Log& log, ProcessAudit& audit)
    : log_(log),
      audit_(audit),
      clock_(loop, &std::chrono::system_clock::now, [this] { report(); }) {}

void ModeReporter::adopt(std::shared_ptr<const auth::Snapshot> snapshot) {
  snapshot_ = std::move(snapshot);
  clock_.adopt(snapshot_);
  report();
}

/// Also called when a window begins or ends: that says nothing here.
void ModeReporter::report() {
  const config::Instant now = std::chrono::system_clock::now();
  const bool audits = snapshot_->policy.audits(now);
  if (!audits && !audits_) {
    return;
  }
  const bool news = audits != std::exchange(audits_, audits);
  if (audits && !news) {
    return;
  }
  const std::string mode = describeMode(snapshot_->policy, now);
  const std::string reason = audits ? "nobody is denied but by never: and never_roles:"
                                    : "from now on everybody is denied whom no rule allows";
  log_.write({LogLevel::Warning, "mode", {{"mode", mode}, {"reason", reason}}});
  audit_.recordMode(snapshot_->generation, mode);
}

}  // namespace peerpool::server
