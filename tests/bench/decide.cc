// What a decision costs: prints nanoseconds, asserts nothing. Run by tests/bench/run.

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "auth/peer.h"
#include "auth/policy.h"
#include "auth/process_reader.h"
#include "tests/auth/policy_fixture.h"
#include "tests/support/peer_process.h"

namespace peerpool::auth {
namespace {

constexpr int kRounds = 200'000;

template <typename Work>
double nanoseconds(int rounds, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; ++round) {
    work();
  }
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / rounds;
}

/// `count` rules for one uid each; the last one lets alice in.
std::unique_ptr<Policy> policyWith(std::size_t count) {
  std::vector<config::PolicyRule> rules;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    config::Matcher matcher;
    const auto uid = static_cast<std::uint32_t>(20'000 + i);
    matcher.uids.push_back({uid, uid});
    rules.push_back(test::allow("rule " + std::to_string(i), test::who(std::move(matcher))));
    rules.back().databases = {"db" + std::to_string(i)};
    rules.back().roles = {"app"};
  }
  rules.push_back(test::allow("alice", test::who(test::user("alice"))));
  rules.back().databases = {"shop"};
  rules.back().roles = {"app"};
  return test::policyOf(std::move(rules));
}

void printDecisions() {
  const Identity peer = test::alice();
  for (const std::size_t count : {1U, 10U, 100U, 1000U}) {
    const auto policy = policyWith(count);
    const Request request{"pg", "shop", "app"};
    if (policy->login(peer, request).verdict != Verdict::Allow) {
      std::fputs("the policy does not let alice in\n", stderr);
      std::exit(1);
    }
    const double accept = nanoseconds(kRounds, [&] { (void)policy->accept(peer, "pg"); });
    const double login = nanoseconds(kRounds, [&] { (void)policy->login(peer, request); });
    std::printf("decide, %4zu rules: accept %6.0f ns, login %6.0f ns\n", count, accept, login);
  }
}

void printLooks() {
  const testing::PeerSocket socket;
  const testing::PeerProcess process(socket, {});
  const Result<Identity> peer = readPeer(process.fd());
  if (!peer) {
    return;
  }
  ProcessReader reader;
  Looks unit;
  unit.cgroup = true;
  Looks all = unit;
  all.apart = true;
  constexpr int kLooks = 20'000;
  std::printf("look: uid and groups %5.1f us, with unit %5.1f us, with container %5.1f us\n",
              nanoseconds(kLooks, [&] { (void)readPeer(process.fd()); }) / 1000,
              nanoseconds(kLooks, [&] { (void)reader.look(process.fd(), *peer, unit); }) / 1000,
              nanoseconds(kLooks, [&] { (void)reader.look(process.fd(), *peer, all); }) / 1000);
}

}  // namespace
}  // namespace peerpool::auth

int main() {
  peerpool::auth::printDecisions();
  peerpool::auth::printLooks();
  return 0;
}
