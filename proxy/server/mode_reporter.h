// Says in the log and in the audit log that the mode is audit, and when that is over. Who is let in
// while it is: auth::AuditMode.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "auth/admitted.h"
#include "proxy/base/log.h"
#include "proxy/postgres/policy_clock.h"
#include "proxy/server/process_audit.h"

namespace peerpool::server {

/// "audit until 2026-11-30T00:00:00Z", or "enforce".
[[nodiscard]] std::string describeMode(const auth::Policy& policy, config::Instant now);

/// Lives on the main thread's loop.
class ModeReporter {
 public:
  /// All outlive it.
  ModeReporter(event::EventLoop& loop, Log& log, ProcessAudit& audit);

  /// At the start and after a reload.
  void adopt(std::shared_ptr<const auth::Snapshot> snapshot);

 private:
  void report();

  Log& log_;
  ProcessAudit& audit_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  postgres::PolicyClock clock_;
  bool audits_ = false;  // As told last.
};

}  // namespace peerpool::server
