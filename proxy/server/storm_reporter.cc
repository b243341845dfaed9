#include "proxy/server/storm_reporter.h"

#include <string>
#include <utility>

#include "auth/identity.h"

namespace peerpool::server {

StormReporter::StormReporter(event::EventLoop& loop, StormGate& gate, Log& log)
    : event::Timer(loop.timers()), gate_(gate), log_(log) {
  gate_.setAlarm([this, &loop](TimePoint due) {
    loop.post([this, due] {
      if (!armed() || due < deadline()) {
        set(due);
      }
    });
  });
}

StormReporter::~StormReporter() { tell(kNever); }

void StormReporter::onTimer(TimePoint now) {
  tell(now);
  set(gate_.due());
}

void StormReporter::tell(TimePoint now) {
  for (const StormGate::Held& held : gate_.takeHeld(now)) {
    LogEvent event{LogLevel::Warning,
                   held.key.event,
                   {{held.key.kind, held.key.subject}, {"listener", held.key.listener}}};
    if (held.key.uid != auth::kNoUid) {
      event.fields.emplace_back("uid", std::to_string(held.key.uid));
    }
    event.fields.emplace_back("suppressed", std::to_string(held.suppressed));
    log_.write(std::move(event));
  }
}

}  // namespace peerpool::server
