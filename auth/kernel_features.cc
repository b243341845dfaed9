#include "auth/kernel_features.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "auth/cgroup_path.h"
#include "auth/process_handle.h"
#include "auth/process_matcher.h"

namespace peerpool::auth {
namespace {

constexpr char kOld[] = "the kernel cannot name the process of a peer (SO_PEERPIDFD, Linux 6.5)";
constexpr char kRaceHint[] =
    "take it out, or accept with allow_racy_attestation: true that a process which took over a "
    "number passes for the one before it";
constexpr char kHelperHint[] =
    "exe and exe_sha256 need it: systemctl enable --now peerpool-attest.socket, or as root "
    "peerpool-attest --client USER --socket PATH";
constexpr char kNoCgroup[] = "no cgroup2 file system is mounted, so units and slices are unknown";

/// Everything in `matcher` that asks for the process.
void checkMatcher(const config::Matcher& matcher, const KernelFeatures& features, bool racy,
                  config::Diagnostics& out) {
  const Looks looks = looksOf(matcher);
  if (looks.any() && !features.names_peers && !racy) {
    out.error(matcher.where, "", kOld, kRaceHint);
  } else if (looks.cgroup && !features.cgroup2) {
    out.error(matcher.where, "", kNoCgroup, "ask for user, group or exe instead");
  }
  if (looks.executable && !features.unattested.empty()) {
    const std::string message = "what program a peer runs cannot be known: " + features.unattested;
    if (features.attestation_required) {
      out.error(matcher.where, "", message, kHelperHint);
    } else {
      out.warning(matcher.where, "", message, kHelperHint);
    }
  }
}

void checkSelector(const config::Selector& who, const KernelFeatures& features, bool racy,
                   config::Diagnostics& out) {
  if (who.matcher) {
    checkMatcher(*who.matcher, features, racy, out);
  }
}

void adaptListener(config::Listener& listener, config::Diagnostics& out) {
  if (listener.containers == config::Containers::Allow) {
    return;
  }
  if (listener.containers_given) {
    out.error(listener.where, "listeners." + listener.name + ".containers", kOld,
              "write containers: allow");
    return;
  }
  listener.containers = config::Containers::Allow;
  out.warning(listener.where, "listeners." + listener.name,
              std::string("containers are not kept out: ") + kOld,
              "write containers: allow, if that is meant");
}

}  // namespace

KernelFeatures readKernelFeatures() {
  std::ifstream file("/proc/self/mountinfo");
  const std::string mounts{std::istreambuf_iterator<char>(file), {}};
  KernelFeatures features;
  features.names_peers = kernelNamesPeers();
  features.cgroup2 = cgroup2Mount(mounts).has_value();
  return features;
}

bool asksForPrograms(const config::Config& config) {
  const auto asks = [](const config::PolicyRule& rule) {
    return rule.who.matcher && looksOf(*rule.who.matcher).executable;
  };
  return std::any_of(config.identities.begin(), config.identities.end(),
                     [](const config::Identity& one) { return looksOf(one.matcher).executable; }) ||
         std::any_of(config.never.begin(), config.never.end(), asks) ||
         std::any_of(config.rules.begin(), config.rules.end(), asks);
}

void adaptToKernel(config::Config& config, const KernelFeatures& features,
                   config::Diagnostics& out) {
  const bool racy = config.allow_racy_attestation;
  for (const config::Identity& identity : config.identities) {
    checkMatcher(identity.matcher, features, racy, out);
  }
  for (const auto* rules : {&config.never, &config.rules}) {
    for (const config::PolicyRule& rule : *rules) {
      checkSelector(rule.who, features, racy, out);
      if (rule.bind_to_process && !features.names_peers && !racy) {
        out.error(rule.where, "bind_to_process", kOld, kRaceHint);
      }
    }
  }
  for (const config::Backend& backend : config.backends) {
    if (backend.expect_peer) {
      checkMatcher(*backend.expect_peer, features, racy, out);
    }
  }
  if (!features.names_peers && !racy) {
    for (config::Listener& listener : config.listeners) {
      adaptListener(listener, out);
    }
  }
}

}  // namespace peerpool::auth
