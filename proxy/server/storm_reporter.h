// Tells in the log what a storm gate held back, when it is time.

#pragma once

#include "proxy/base/log.h"
#include "proxy/base/storm_gate.h"
#include "proxy/event/event_loop.h"

namespace peerpool::server {

/// Lives on the main thread's loop. Nobody may ask the gate any more when it is destroyed, which
/// tells the rest.
class StormReporter final : private event::Timer {
 public:
  /// Takes the gate's alarm. All outlive the reporter.
  StormReporter(event::EventLoop& loop, StormGate& gate, Log& log);
  ~StormReporter() override;

 private:
  void onTimer(TimePoint now) override;
  void tell(TimePoint now);

  StormGate& gate_;
  Log& log_;
};

}  // namespace peerpool::server
