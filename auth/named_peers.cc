#include "auth/named_peers.h"

#include <optional>
#include <utility>

#include "auth/permissions.h"

namespace peerpool::auth {
namespace {

/// No account has it: what it may do, it may do by its group alone.
constexpr uid_t kNobodyInParticular = kNoUid - 1;

class Collector {
 public:
  Collector(Accounts& accounts, NameResolver& names) : accounts_(accounts), names_(names) {}

  /// The users and groups that a matcher names; users first, as they narrow groups. Ranges name
  /// nobody in particular.
  void collect(const config::Matcher& matcher) {
    std::vector<config::AccountName> users = matcher.users;
    for (const config::IdRange& range : matcher.uids) {
      if (range.first == range.last) {
        users.push_back({"", range.first, matcher.where});
      }
    }
    for (const config::AccountName& user : users) {
      if (auto peer = imaginedPeer(accounts_, user, std::nullopt)) {
        const std::string text = accountText(user);
        peer->process = nullptr;
        found_.push_back({std::move(*peer), "user " + text, "{ user: " + text + " }", false});
      }
    }
    if (!users.empty() || !matcher.uids.empty()) {
      return;
    }
    for (const config::AccountName& group : matcher.groups) {
      if (const auto gid = names_.gid(group, "group")) {
        Identity member;
        member.known = true;
        member.uid = kNobodyInParticular;
        member.gid = *gid;
        const std::string text = accountText(group);
        found_.push_back({std::move(member), "group " + text, "{ group: " + text + " }", true});
      }
    }
    if (matcher.groups.empty() && matcher.gids.empty()) {
      for (const config::Matcher& alternative : matcher.any) {
        collect(alternative);
      }
    }
  }

  [[nodiscard]] std::vector<NamedPeer> take() { return std::move(found_); }

 private:
  Accounts& accounts_;
  NameResolver& names_;
  std::vector<NamedPeer> found_;
};

}  // namespace

std::vector<NamedPeer> namedPeers(const config::Config& config, const config::PolicyRule& rule,
                                  Accounts& accounts, NameResolver& names) {
  Collector collector(accounts, names);
  for (const std::string& name : rule.who.identities) {
    if (const config::Identity* identity = config::findIdentity(config, name)) {
      collector.collect(identity->matcher);
    }
  }
  if (rule.who.matcher) {
    collector.collect(*rule.who.matcher);
  }
  return collector.take();
}

}  // namespace peerpool::auth
