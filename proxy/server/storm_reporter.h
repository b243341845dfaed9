// Tells in the log and in the audit log what a storm gate held back, when it is time.

#pragma once

#include <string_view>

#include "proxy/base/audit.h"
#include "proxy/base/log.h"
#include "proxy/base/storm_gate.h"
#include "proxy/event/event_loop.h"

namespace peerpool::server {

/// StormKey::event of what is told in the audit log; all else is told in the log.
inline constexpr std::string_view kAuditedDenial = "connection-denied";
inline constexpr std::string_view kAuditedLimit = "limit-hit";

/// Lives on the main thread's loop. Nobody may ask the gate any more when it is destroyed, which
/// tells the rest.
class StormReporter final : private event::Timer {
 public:
  /// Takes the gate's alarm. All outlive the reporter.
  StormReporter(event::EventLoop& loop, StormGate& gate, Log& log, Audit& audit);
  ~StormReporter() override;

 private:
  void onTimer(TimePoint now) override;
  void tell(TimePoint now);
  void log(const StormGate::Held& held);
  void record(const StormGate::Held& held);

  StormGate& gate_;
  Log& log_;
  Audit& audit_;
};

}  // namespace peerpool::server
