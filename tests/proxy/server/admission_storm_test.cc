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
  CHECK(scene.floods == std::vector<std::pair<uid_t, std::string>>(5, {::geteuid(), "pg"}));
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

}  // namespace
}  // namespace peerpool::server
