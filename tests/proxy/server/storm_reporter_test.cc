// What a gate held back appears in the log in time.

#include "proxy/server/storm_reporter.h"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/proxy/server/server_fakes.h"

namespace peerpool::server {
namespace {

struct Scene {
  explicit Scene(const StormGate::Limits& limits) : gate(limits) {
    reporter.emplace(loop, gate, log, audit);
  }
  event::EventLoop loop{{.flusher = event::FlusherKind::Send}};
  FakeLog log;
  FakeAudit audit;
  StormGate gate;
  std::optional<StormReporter> reporter;
};

TEST_CASE("a line with the number follows a storm when its window ends, and the rest at the end") {
  Scene scene({1, Duration(1000), 8});
  const StormKey key{"client denied", 61001, "rule", "default", "pg"};
  const TimePoint start = scene.loop.now();
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(scene.gate.admits(key, start));
  }
  scene.loop.turn(TimePoint::min());  // The alarm is set.
  CHECK(scene.loop.timers().next() == start + Duration(1000));
  CHECK(scene.log.events.empty());
  scene.loop.timers().fire(start + Duration(1000));
  REQUIRE(scene.log.events.size() == 1);
  CHECK(scene.log.events[0].event == "client denied");
  CHECK(scene.log.field(0, "suppressed") == "9");
  CHECK(scene.log.field(0, "uid") == "61001");
  CHECK(scene.log.field(0, "rule") == "default");
  CHECK(scene.log.field(0, "listener") == "pg");
  CHECK(scene.loop.timers().next() == kNever);
  const StormKey nobody{"accept failed", static_cast<uid_t>(-1), "reason", "too many", "pg"};
  static_cast<void>(scene.gate.admits(nobody, start));
  static_cast<void>(scene.gate.admits(nobody, start));
  scene.reporter.reset();
  REQUIRE(scene.log.events.size() == 2);
  CHECK(scene.log.field(1, "suppressed") == "1");
  CHECK(scene.log.field(1, "uid") == "(none)");
  CHECK(scene.audit.events.empty());
}

TEST_CASE("what was held back of the audit log goes there, as one event with the number") {
  Scene scene({1, Duration(1000), 2});
  const StormKey denial{kAuditedDenial, 61001, "rule", "no root", "pg"};
  const StormKey limit{kAuditedLimit, 61001, "limit", "listeners.limits.clients", "pg"};
  const StormKey too_many{kAuditedLimit, 61002, "limit", "listeners.limits.clients", "pg"};
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(scene.gate.admits(denial, scene.loop.now()));
    static_cast<void>(scene.gate.admits(limit, scene.loop.now()));
    static_cast<void>(
        scene.gate.admits(too_many, scene.loop.now()));  // Shares its number with others.
  }
  scene.reporter.reset();
  CHECK(scene.log.events.empty());
  REQUIRE(scene.audit.events.size() == 3);
  for (const AuditEvent& event : scene.audit.events) {
    CHECK(event.storm == 9);
    CHECK(event.reference.empty());
    const bool denied = event.action == AuditAction::ConnectionDenied;
    CHECK(event.rule == (denied ? "no root" : ""));
    CHECK((event.action == AuditAction::LimitHit) != denied);
    CHECK((event.limit == StormGate::kOthers) == !event.peer.has_value());
    CHECK((!event.peer || event.peer->uid == 61001));
  }
}

}  // namespace
}  // namespace peerpool::server
