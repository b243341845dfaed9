#include "proxy/server/storm_reporter.h"

#include <string>
#include <utility>

#include "auth/identity.h"

namespace peerpool::server {

StormReporter::StormReporter(event::EventLoop& loop, StormGate& gate, Log& log, Audit& audit)
    : event::Timer(loop.timers()), gate_(gate), log_(log), audit_(audit) {
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
    if (held.key.event == kAuditedDenial || held.key.event == kAuditedLimit) {
      record(held);
    } else {
      log(held);
    }
  }
}

void StormReporter::log(const StormGate::Held& held) {
  LogEvent event{LogLevel::Warning,
                 held.key.event,
                 {{held.key.kind, held.key.subject}, {"listener", held.key.listener}}};
  if (held.key.uid != auth::kNoUid) {
    event.fields.emplace_back("uid", std::to_string(held.key.uid));
  }
  event.fields.emplace_back("suppressed", std::to_string(held.suppressed));
  log_.write(std::move(event));
}

void StormReporter::record(const StormGate::Held& held) {
  const bool denial = held.key.event == kAuditedDenial;
  AuditEvent event;
  event.action = denial ? AuditAction::ConnectionDenied : AuditAction::LimitHit;
  event.reason = "more of the same: " + std::to_string(held.suppressed);
  event.storm = held.suppressed;
  if (held.key.uid != auth::kNoUid) {
    event.peer = AuditPeer{held.key.uid, 0, 0, {}};
  }
  event.listener = held.key.listener;
  (denial ? event.rule : event.limit) = held.key.subject;
  recordAfterwards(audit_, std::move(event));
}

}  // namespace peerpool::server
