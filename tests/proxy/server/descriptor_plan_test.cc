// How descriptors are shared out.

#include "proxy/server/descriptor_plan.h"

#include <catch2/catch.hpp>

namespace peerpool::server {
namespace {

config::Config someConfig(std::size_t max_clients, std::size_t servers) {
  config::Config config;
  config.process.max_clients = max_clients;
  config.backends.emplace_back().max_connections = servers;
  config.backends.emplace_back().max_connections = servers;
  config.listeners.resize(2);
  return config;
}

TEST_CASE("all descriptors together stay below the limit, whatever it is") {
  const std::size_t limit =
      GENERATE(as<std::size_t>{}, 0, 64, 256, 1024, 4096, 65536, 1'048'576, SIZE_MAX);
  const std::size_t max_clients = GENERATE(as<std::size_t>{}, 1, 20, 10'000, 1'000'000);
  CAPTURE(limit, max_clients);
  const DescriptorPlan plan = planDescriptors(someConfig(max_clients, 40), 3, limit);
  CHECK(plan.servers == 80);
  CHECK(plan.clients >= 1);
  CHECK(plan.clients <= max_clients);
  if (plan.clients > 1) {
    CHECK(plan.servers + plan.own + plan.clients + mostTurnedAway(plan.clients) <= limit);
  }
}

TEST_CASE("what is lowered says so, and what fits does not") {
  const DescriptorPlan fits = planDescriptors(someConfig(500, 10), 1, 4096);
  CHECK(fits.clients == 500);
  CHECK(fits.setting == "process.max_clients: 500");
  const DescriptorPlan lowered = planDescriptors(someConfig(5000, 10), 1, 1024);
  CHECK(lowered.clients > 600);
  CHECK(lowered.clients < 1024);
  CHECK(lowered.setting == "process.max_clients: 5000, lowered to " +
                               std::to_string(lowered.clients) + " by RLIMIT_NOFILE: 1024");
}

}  // namespace
}  // namespace peerpool::server
