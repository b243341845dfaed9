#include "proxy/server/descriptor_plan.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "auth/kernel_features.h"

namespace peerpool::server {
namespace {

// Standard streams, log, signals, status socket and who asks there, lookups of names.
constexpr std::size_t kForProcess = 64;
// Socket, lock, directory, reserve.
constexpr std::size_t kForListener = 6;
// epoll, eventfd, io_uring, and cancel requests on their way to a backend.
constexpr std::size_t kForWorker = 16;

// The helper's connection, and a pidfd for each question that waits (Attestor::Limits).
constexpr std::size_t kForQuestions = 260;

// What is turned away, for each eight clients and in any case.
constexpr std::size_t kClientsForOneAway = 8;
constexpr std::size_t kFewestAway = 64;

}  // namespace

std::size_t mostTurnedAway(std::size_t max_clients) noexcept {
  return max_clients / kClientsForOneAway + kFewestAway;
}

std::size_t mostTurnedAwayPerUid(std::size_t max_clients) noexcept {
  return mostTurnedAway(max_clients) / 4;
}

DescriptorPlan planDescriptors(const config::Config& config, std::size_t workers,
                               std::size_t limit) {
  DescriptorPlan plan;
  plan.limit = limit;
  for (const config::Backend& backend : config.backends) {
    plan.servers += backend.max_connections;
  }
  plan.own = kForProcess + kForListener * config.listeners.size() + kForWorker * workers;
  if (auth::asksForPrograms(config)) {
    plan.own += kForQuestions;
  }
  const std::size_t taken = plan.servers + plan.own + kFewestAway;
  const std::size_t left = limit > taken ? limit - taken : 0;
  const std::size_t wanted = config.process.max_clients;
  // A pidfd beside the socket, where sessions end with their process.
  const bool bound = std::any_of(config.rules.begin(), config.rules.end(),
                                 [](const auto& rule) { return rule.bind_to_process; });
  const std::size_t places = left / (bound ? 2 : 1) / (kClientsForOneAway + 1);
  plan.clients = std::clamp<std::size_t>(places * kClientsForOneAway, 1, wanted);
  plan.setting = "process.max_clients: " + std::to_string(wanted);
  if (plan.clients < wanted) {
    plan.setting.append(", lowered to ")
        .append(std::to_string(plan.clients))
        .append(" by RLIMIT_NOFILE: ")
        .append(std::to_string(limit));
  }
  return plan;
}

std::size_t raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return before;
    }
  }
  return limit.rlim_cur;
}

}  // namespace peerpool::server
