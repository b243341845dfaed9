// More are turned away than can be told so.

#include <catch2/catch.hpp>

#include "proxy/server/descriptor_plan.h"
#include "proxy/server/storm_reporter.h"
#include "tests/proxy/server/admission_scene.h"

namespace peerpool::server {
namespace {

TEST_CASE("One uid cannot fill the room of those who are to be told that they are turned away") {
  const bool denied = GENERATE(true, false);
  AdmissionScene scene(::geteuid() + (denied ? 1 : 0), denied ? 10 : 1);
  scene.can_ask = false;
  const std::size_t let_in = denied ? 0 : 1;
  const std::size_t told = mostTurnedAwayPerUid(denied ? 10 : 1);
  for (std::size_t i = 0; i < let_in + told + 5; ++i) {
    scene.connect();
  }
  CHECK(scene.admitted.size() == let_in + told);
  CHECK(scene.admission->liveClients() == let_in + told);  // The others were closed.
  char byte = 0;
  CHECK(::recv(scene.peers.back().get(), &byte, 1, MSG_DONTWAIT) == 0);
  CHECK(scene.floods.empty());  // Many at once are no flood.
  // All of them were told of in the log and the audit log, though not one by one.
  std::uint64_t lines = scene.log.events.size();
  std::uint64_t events = scene.audit.events.size() - let_in;
  for (const StormGate::Held& held : scene.storms.takeHeld(kNever)) {
    const bool logged = held.key.event == (denied ? "client denied" : "client refused");
    CHECK((logged || held.key.event == (denied ? kAuditedDenial : kAuditedLimit)));
    (logged ? lines : events) += held.suppressed;
  }
  CHECK(lines == told + 5);
  CHECK(events == told + 5);
}

TEST_CASE("Who comes faster to a listener than it can be told so is a flood there") {
  AdmissionScene scene(::geteuid() + 1);
  scene.can_ask = false;
  constexpr std::size_t kTold = 1000;
  for (std::size_t i = 0; i < kTold; ++i) {
    scene.connect();
    scene.peers.clear();
  }
  CHECK(scene.floods.empty());
  scene.connect();
  scene.connect();
  CHECK(scene.floods == std::vector<std::pair<uid_t, std::string>>(2, {::geteuid(), "pg"}));
  config::Listener other = scene.snapshot->config->listeners[0];
  other.name = "other";
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const UniqueFd peer(pair[1]);
  scene.admission->onAccepted(UniqueFd(pair[0]), other);
  CHECK(scene.floods.size() == 2);
}

}  // namespace
}  // namespace peerpool::server
