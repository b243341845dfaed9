// The front door with real sockets and made-up accounts.

#include "proxy/server/admission.h"

#include <catch2/catch.hpp>

#include "tests/proxy/server/admission_scene.h"

namespace peerpool::server {
namespace {

TEST_CASE("A peer is handed over with identity, name, decision and reference") {
  AdmissionScene scene;
  scene.connect();
  CHECK(scene.admitted.empty());  // Its name is being looked up.
  REQUIRE(scene.asked == std::vector<uid_t>{::geteuid()});
  scene.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(scene.admitted.size() == 1);
  const auth::Admitted& admitted = scene.admitted[0];
  CHECK(admitted.fd.valid());
  CHECK(admitted.id.value == 1);
  CHECK(admitted.identity.uid == ::geteuid());
  CHECK(admitted.identity.pid == ::getpid());
  CHECK(admitted.identity.user == "somebody");
  CHECK(admitted.decision->verdict == auth::Verdict::Maybe);
  CHECK_FALSE(admitted.over_limit);
  CHECK(admitted.reference.size() == 12);
  CHECK(admitted.listener->name == "pg");
  CHECK(admitted.snapshot == scene.snapshot);
  CHECK(scene.log.events.empty());
  scene.connect();  // The name is known now.
  CHECK(scene.asked.size() == 1);
  REQUIRE(scene.admitted.size() == 2);
  CHECK(scene.admitted[1].identity.user == "somebody");
  CHECK(scene.admitted[1].reference != scene.admitted[0].reference);
}

TEST_CASE("A denied peer is handed over too, and logged once under its reference") {
  AdmissionScene scene(::geteuid() + 1);
  scene.connect();
  scene.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(scene.admitted.size() == 1);
  CHECK(scene.admitted[0].decision->verdict == auth::Verdict::Deny);
  REQUIRE(scene.log.events.size() == 1);
  CHECK(scene.log.events[0].event == "client denied");
  CHECK(scene.log.field(0, "ref") == scene.admitted[0].reference);
  CHECK(scene.log.field(0, "listener") == "pg");
  CHECK(scene.log.field(0, "uid") == std::to_string(::geteuid()));
  CHECK(scene.log.field(0, "user") == "somebody");
  CHECK(scene.log.field(0, "rule") == "default");
  CHECK(scene.log.field(0, "reason") == scene.admitted[0].decision->reason);
}

TEST_CASE("Without a name, or when nobody can be asked, the peer goes on as unknown") {
  AdmissionScene scene;
  scene.connect();
  scene.admission->onNameResolved(::geteuid(), std::nullopt);
  REQUIRE(scene.admitted.size() == 1);
  CHECK(scene.admitted[0].identity.user.empty());
  scene.can_ask = false;
  scene.connect();
  CHECK(scene.admitted.size() == 2);
}

TEST_CASE("A lookup that hangs delays one admission for a while only (check 12)") {
  AdmissionScene scene;
  scene.connect();
  const TimePoint start = scene.loop.now();
  CHECK(scene.loop.timers().next() == start + Duration(5'000));
  scene.loop.timers().fire(start + Duration(4'999));
  CHECK(scene.admitted.empty());
  scene.loop.timers().fire(start + Duration(5'000));
  CHECK(scene.admitted.size() == 1);
  CHECK(scene.loop.timers().next() == kNever);
}

TEST_CASE("A socket without a nameable peer is denied (check 9)") {
  AdmissionScene scene;
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const UniqueFd other(pipe_ends[1]);
  scene.admission->onAccepted(UniqueFd(pipe_ends[0]), scene.snapshot->config->listeners[0]);
  REQUIRE(scene.admitted.size() == 1);
  CHECK(scene.asked.empty());
  CHECK(scene.admitted[0].decision->verdict == auth::Verdict::Deny);
  CHECK_FALSE(scene.admitted[0].identity.known);
  CHECK(scene.log.events.at(0).event == "client denied");
}

TEST_CASE("Above max_clients peers are refused, and places come back") {
  AdmissionScene scene(::geteuid(), 2);
  scene.connect();
  scene.admission->onNameResolved(::geteuid(), "somebody");
  scene.connect();
  CHECK(scene.admission->liveClients() == 2);
  CHECK(scene.log.events.empty());
  scene.connect();
  REQUIRE(scene.admitted.size() == 3);
  CHECK_FALSE(scene.admitted[1].over_limit);
  CHECK_FALSE(scene.admitted[1].turned_away);
  REQUIRE(scene.admitted[2].over_limit);
  CHECK(scene.admitted[2].over_limit->setting == "process.max_clients: 2");
  CHECK_FALSE(scene.admitted[2].places.process);
  CHECK(scene.log.events.at(0).event == "client refused");
  CHECK(scene.log.field(0, "ref") == scene.admitted[2].reference);
  CHECK(scene.log.field(0, "limit") == "process.max_clients: 2");
  CHECK(scene.hits.of(Limit::MaxClients) == 1);
  CHECK(scene.counts.process.countOf("") == 2);
  scene.admitted.clear();
  CHECK(scene.admission->liveClients() == 0);
  CHECK(scene.counts.process.names() == 0);
  scene.connect();
  CHECK_FALSE(scene.admitted.at(0).over_limit);
}

TEST_CASE("Each limit of a listener turns away by its name, after the policy") {
  struct Row {
    config::ListenerLimits limits;
    std::size_t let_in;
    Limit limit;
    const char* setting;
  };
  const auto row = GENERATE(values<Row>({
      {{3, {}, {}}, 3, Limit::ListenerClients, "listeners.pg.limits.clients: 3"},
      {{3, 2, {}}, 2, Limit::ListenerClientsPerUid, "listeners.pg.limits.clients_per_uid: 2"},
      {{3, 2, config::Rate{1, Duration(3'600'000)}},
       1,
       Limit::ConnectRatePerUid,
       "listeners.pg.limits.connect_rate_per_uid: 1/h"},
  }));
  CAPTURE(row.setting);
  AdmissionScene scene(::geteuid(), 10, row.limits);
  scene.can_ask = false;
  for (std::size_t i = 0; i < row.let_in + 1; ++i) {
    scene.connect();
  }
  REQUIRE(scene.admitted.size() == row.let_in + 1);
  CHECK_FALSE(scene.admitted[row.let_in - 1].over_limit);
  const auth::Admitted& refused = scene.admitted.back();
  REQUIRE(refused.over_limit);
  CHECK(refused.over_limit->limit == row.limit);
  CHECK(refused.over_limit->setting == row.setting);
  CHECK_FALSE(refused.places.listener);
  CHECK(scene.hits.of(row.limit) == 1);
  CHECK(scene.counts.listeners.countOf("pg") == row.let_in);

  AdmissionScene denied(::geteuid() + 1, 10, row.limits);
  denied.can_ask = false;
  for (std::size_t i = 0; i < row.let_in + 1; ++i) {
    denied.connect();
  }
  CHECK_FALSE(denied.admitted.back().over_limit);
  CHECK(denied.hits.of(row.limit) == 0);
}

TEST_CASE("A newcomer with less than its share waits for a place, others do not wait for it") {
  AdmissionScene scene(::geteuid(), 10, {4, {}, {}});
  scene.can_ask = false;
  // Somebody else has all places but one.
  std::vector<auth::PlaceCounts::Place> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(scene.counts.listeners.take("pg", ::geteuid() + 1, {}).place);
  }
  scene.connect();
  REQUIRE(scene.admitted.size() == 1);
  SECTION("nobody can go: it is refused") {
    scene.connect();
    CHECK(scene.admitted.size() == 1);  // Parked.
    scene.loop.turn(TimePoint::min());
    REQUIRE(scene.admitted.size() == 2);
    CHECK(scene.asked_for_place == std::vector<uid_t>{::geteuid() + 1});
    REQUIRE(scene.admitted[1].over_limit);
    CHECK(scene.admitted[1].over_limit->limit == Limit::ListenerClients);
    CHECK(scene.hits.of(Limit::ListenerClients) == 1);
  }
  SECTION("a place that became free meanwhile is taken without asking") {
    scene.candidate = auth::PlaceCandidate{ClientId{1}, true, scene.loop.now()};
    scene.connect();
    scene.connect();
    CHECK(scene.admitted.size() == 1);
    others.clear();
    scene.loop.turn(TimePoint::min());
    scene.loop.turn(TimePoint::min());
    REQUIRE(scene.admitted.size() == 3);
    CHECK_FALSE(scene.admitted[1].over_limit);
    CHECK_FALSE(scene.admitted[2].over_limit);
  }
  SECTION("it has its share: it is refused at once") {
    others.pop_back();
    scene.connect();
    CHECK(scene.admitted.size() == 2);
    scene.connect();
    REQUIRE(scene.admitted.size() == 3);
    CHECK(scene.admitted[2].over_limit);
    CHECK(scene.asked_for_place.empty());
  }
}

TEST_CASE("Each connection has one audit event under its reference") {
  AdmissionScene scene;
  scene.connect();
  scene.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(scene.audit.events.size() == 1);
  const AuditEvent& started = scene.audit.events[0];
  CHECK(started.action == AuditAction::ConnectionStarted);
  CHECK(started.reference == scene.admitted[0].reference);
  CHECK(started.listener == "pg");
  CHECK(started.generation == 1);
  REQUIRE(started.peer);
  CHECK(started.peer->uid == ::geteuid());
  CHECK(started.peer->pid == ::getpid());
  CHECK(started.peer->user == "somebody");

  AdmissionScene denied(::geteuid() + 1);
  denied.connect();
  denied.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(denied.audit.events.size() == 1);
  CHECK(denied.audit.events[0].action == AuditAction::ConnectionDenied);
  CHECK(denied.audit.events[0].rule == "default");
  CHECK(denied.audit.events[0].reason == denied.admitted[0].decision->reason);

  AdmissionScene full(::geteuid(), 1);
  full.connect();
  full.connect();
  full.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(full.audit.events.size() == 2);
  CHECK(full.audit.events[1].action == AuditAction::LimitHit);
  CHECK(full.audit.events[1].limit == "process.max_clients");
}

TEST_CASE("Whoever cannot be recorded is refused, and others are let in once it works again") {
  AdmissionScene scene;
  scene.audit.refuse = true;
  scene.connect();
  scene.admission->onNameResolved(::geteuid(), "somebody");
  REQUIRE(scene.admitted.size() == 1);
  CHECK(scene.admitted[0].unaudited);
  REQUIRE(scene.audit.events.size() == 1);
  CHECK(scene.audit.events[0].action == AuditAction::ConnectionDenied);
  CHECK(scene.log.events.at(0).event == "client refused");
  CHECK(scene.log.field(0, "reason") == "the audit log cannot be written");
  scene.audit.refuse = false;
  scene.connect();
  REQUIRE(scene.admitted.size() == 2);
  CHECK_FALSE(scene.admitted[1].unaudited);
}

TEST_CASE("References are 12 hexadecimal digits and differ") {
  const std::string one = makeReference();
  CHECK(one.size() == 12);
  CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(one != makeReference());
}

}  // namespace
}  // namespace peerpool::server
