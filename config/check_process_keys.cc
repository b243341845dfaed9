#include "config/check_process_keys.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/wording.h"

namespace peerpool::config {
namespace {

bool namesIds(const Matcher& matcher) {
  return !matcher.users.empty() || !matcher.uids.empty() || !matcher.groups.empty() ||
         !matcher.gids.empty();
}

/// The key that proves too little alone; empty: there is none.
std::string weakKey(const ProcessMatcher& process) {
  if (!process.units.empty() || !process.slices.empty()) {
    return {};
  }
  return !process.executables.empty() ? "exe"
         : !process.digests.empty()   ? "exe_sha256"
         : !process.cgroups.empty()   ? "cgroup"
         : !process.containers.empty() && process.containers.front() != ContainerKind::None
             ? "container"
         : !process.selinux.empty()  ? "selinux"
         : !process.apparmor.empty() ? "apparmor"
                                     : "";
}

class Checker {
 public:
  explicit Checker(const Validation& validation) : validation_(validation) {}

  /// `covered`: something around it names ids or a unit already.
  void check(const Matcher& matcher, const Location& owner, bool covered) const {
    const bool strong = covered || namesIds(matcher) || !matcher.process.units.empty() ||
                        !matcher.process.slices.empty() || anyNamesIds(matcher);
    const std::string weak = weakKey(matcher.process);
    if (!strong && !weak.empty()) {
      validation_.error(owner, weak, weak + " alone lets in whoever can run that",
                        "add user, uid, group or gid: it may only narrow who is meant");
    }
    for (const Matcher& alternative : matcher.any) {
      check(alternative, alternative.where, strong);
    }
  }

 private:
  /// Every alternative names ids: then the whole does.
  static bool anyNamesIds(const Matcher& matcher) {
    return !matcher.any.empty() &&
           std::all_of(matcher.any.begin(), matcher.any.end(), [](const Matcher& alternative) {
             return namesIds(alternative) || anyNamesIds(alternative);
           });
  }

  const Validation& validation_;
};

/// Nobody can be told from nobody else by what only a helper or a module could say.
void checkBackend(const Validation& validation, const Backend& backend) {
  if (!backend.expect_peer) {
    return;
  }
  const ProcessMatcher& process = backend.expect_peer->process;
  if (!process.executables.empty() || !process.digests.empty() || !process.selinux.empty() ||
      !process.apparmor.empty()) {
    validation.error(backend.where, "expect_peer", "a server's program and label are not looked at",
                     "user, group, systemd_unit, slice, cgroup and container are");
  }
}

}  // namespace

void checkProcessKeys(const Validation& validation) {
  const Config& config = validation.config();
  const Checker checker(validation);
  std::vector<std::string> granted;
  for (const PolicyRule& rule : config.rules) {
    if (rule.effect != Effect::Allow) {
      continue;
    }
    if (rule.who.matcher) {
      checker.check(*rule.who.matcher, rule.who.matcher->where, false);
    }
    granted.insert(granted.end(), rule.who.identities.begin(), rule.who.identities.end());
  }
  for (const Identity& identity : config.identities) {
    if (std::find(granted.begin(), granted.end(), identity.name) != granted.end()) {
      checker.check(identity.matcher, identity.matcher.where, false);
    }
  }
  for (const Backend& backend : config.backends) {
    checkBackend(validation, backend);
  }
}

}  // namespace peerpool::config
