// What a gate held back appears in the log in time.

#include "proxy/server/storm_reporter.h"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/proxy/server/server_fakes.h"

namespace peerpool::server {
namespace {

TEST_CASE("a line with the number follows a storm when its window ends, and the rest at the end") {
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  FakeLog log;
  FakeAudit audit;
  StormGate gate({1, Duration(1000), 8});
  std::optional<StormReporter> reporter;
  reporter.emplace(loop, gate, log, audit);
  const StormKey key{"client denied", 61001, "rule", "default", "pg"};
  const TimePoint start = loop.now();
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(gate.admits(key, start));
  }
  loop.turn(TimePoint::min());  // The alarm is set.
  CHECK(loop.timers().next() == start + Duration(1000));
  CHECK(log.events.empty());
  loop.timers().fire(start + Duration(1000));
  REQUIRE(log.events.size() == 1);
  CHECK(log.events[0].event == "client denied");
  CHECK(log.field(0, "suppressed") == "9");
  CHECK(log.field(0, "uid") == "61001");
  CHECK(log.field(0, "rule") == "default");
  CHECK(log.field(0, "listener") == "pg");
  CHECK(loop.timers().next() == kNever);
  const StormKey nobody{"accept failed", static_cast<uid_t>(-1), "reason", "too many", "pg"};
  static_cast<void>(gate.admits(nobody, start));
  static_cast<void>(gate.admits(nobody, start));
  reporter.reset();
  REQUIRE(log.events.size() == 2);
  CHECK(log.field(1, "suppressed") == "1");
  CHECK(log.field(1, "uid") == "(none)");
  CHECK(audit.events.empty());
}

TEST_CASE("what was held back of the audit log goes there, as one event with the number") {
  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  FakeLog log;
  FakeAudit audit;
  StormGate gate({1, Duration(1000), 2});
  std::optional<StormReporter> reporter;
  reporter.emplace(loop, gate, log, audit);
  const StormKey denial{kAuditedDenial, 61001, "rule", "no root", "pg"};
  const StormKey limit{kAuditedLimit, 61001, "limit", "listeners.limits.clients", "pg"};
  const StormKey too_many{kAuditedLimit, 61002, "limit", "listeners.limits.clients", "pg"};
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(gate.admits(denial, loop.now()));
    static_cast<void>(gate.admits(limit, loop.now()));
    static_cast<void>(gate.admits(too_many, loop.now()));  // Shares its number with others.
  }
  reporter.reset();
  CHECK(log.events.empty());
  REQUIRE(audit.events.size() == 3);
  for (const AuditEvent& event : audit.events) {
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
