#include "proxy/server/sample_peers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "auth/name_resolver.h"
#include "proxy/server/sample_processes.h"

namespace peerpool::server {
namespace {

/// No account has it: what such a one may do, it may do by its groups alone.
constexpr uid_t kSomebody = auth::kNoUid - 1;
constexpr char kSomebodysName[] = "somebody";

/// What matchers around one demand of it.
struct Around {
  config::ProcessMatcher process;
  std::set<uid_t> uids;
};

class Collector {
 public:
  Collector(auth::Accounts& accounts, const WorthAsking& worth)
      : accounts_(accounts), names_(accounts, files_, ignored_), processes_(worth.instances) {
    for (const std::string& name : worth.accounts) {
      static_cast<void>(addUser({name, std::nullopt, {}}));
    }
    for (const std::string& instance : worth.instances) {  // A rule need not name a unit.
      ProcessDescription process;
      process.unit = "example@" + instance + ".service";
      processes_.add(process, {});
    }
  }

  void add(const config::Config& config) {
    for (const auto* rules : {&config.never, &config.rules}) {
      for (const config::PolicyRule& rule : *rules) {
        if (rule.who.matcher) {
          add(*rule.who.matcher, {});
        }
      }
    }
    for (const config::Identity& identity : config.identities) {
      add(identity.matcher, {});
    }
    for (const config::PolicyTest& test : config.tests) {
      static_cast<void>(addUser(test.user));
      ProcessDescription process;
      process.unit = test.unit;
      process.executable = test.exe;
      processes_.add(process, {});
    }
    const bool containers = std::any_of(
        config.listeners.begin(), config.listeners.end(),
        [](const auto& listener) { return listener.containers != config::Containers::Deny; });
    if (containers) {
      ProcessDescription inside;
      inside.container = config::ContainerKind::Any;
      processes_.add(inside, {});
    }
  }

  void addListed(const std::vector<auth::Account>& listed) {
    for (const auth::Account& account : listed) {
      if (isMeant(account)) {
        static_cast<void>(addUser({account.name, std::nullopt, {}}));
      }
    }
  }

  [[nodiscard]] SamplePeers finish() {
    for (const auto& [gid, text] : groups_) {
      if (isFull(2)) {
        break;
      }
      auth::Identity member = somebody();
      member.gid = gid;
      addPlain("somebody in group " + text, std::move(member));
    }
    addPlain("somebody whom nothing names", somebody());
    out_.peers.back().stranger = true;
    addPlain("a peer that the kernel cannot name", auth::Identity());
    const std::size_t plain = out_.peers.size();
    for (const auto& [text, process] : processes_.all()) {
      const auto facts = describedProcess(process.description);
      for (std::size_t i = 0; i < plain && out_.peers.size() < kMostSamplePeers; ++i) {
        const auth::Identity& identity = out_.peers[i].identity;
        if (!identity.known || (!process.anybody && process.uids.count(identity.uid) == 0)) {
          continue;
        }
        SamplePeer peer = out_.peers[i];
        peer.name += ' ' + text;
        peer.identity.process = facts;
        out_.peers.push_back(std::move(peer));
      }
    }
    out_.cut = out_.cut || out_.peers.size() >= kMostSamplePeers;
    return std::move(out_);
  }

 private:
  static auth::Identity somebody() {
    auth::Identity identity;
    identity.known = true;
    identity.uid = kSomebody;
    identity.gid = auth::kNoGid - 1;
    identity.user = kSomebodysName;
    identity.process = describedProcess({});
    return identity;
  }

  void add(const config::Matcher& matcher, const Around& around) {
    Around here{narrowed(matcher.process, around.process), {}};
    for (const config::AccountName& user : matcher.users) {
      if (const std::optional<uid_t> uid = addUser(user)) {
        here.uids.insert(*uid);
      }
    }
    for (const config::IdRange& range : matcher.uids) {
      ranges_.push_back(range);
      for (const std::uint32_t uid : {range.first, range.last}) {
        static_cast<void>(addUser({"", uid, {}}));
        here.uids.insert(uid);
      }
    }
    if (here.uids.empty()) {
      here.uids = around.uids;
    }
    for (const config::AccountName& group : matcher.groups) {
      if (const std::optional<gid_t> gid = names_.gid(group, "")) {
        groups_.emplace(*gid, group.number ? std::to_string(*gid) : group.name);
      }
    }
    for (const config::IdRange& range : matcher.gids) {
      groups_.emplace(range.first, std::to_string(range.first));
      groups_.emplace(range.last, std::to_string(range.last));
    }
    processes_.add(here.process, here.uids);
    for (const auto* inner : {&matcher.any, &matcher.not_all_of}) {
      for (const config::Matcher& one : *inner) {
        add(one, here);
      }
    }
  }

  std::optional<uid_t> addUser(const config::AccountName& user) {
    Result<auth::Identity> peer = auth::imaginedPeer(accounts_, user, std::nullopt);
    if (!peer) {
      return std::nullopt;
    }
    const uid_t uid = peer->uid;
    if (uids_.count(uid) == 0 && !isFull(1)) {
      uids_.insert(uid);
      const std::string name = peer->user.empty() ? "uid " + std::to_string(uid) : peer->user;
      addPlain(name, *std::move(peer));
    }
    return uid;
  }

  void addPlain(std::string name, auth::Identity identity) {
    out_.peers.push_back({std::move(name), std::move(identity), out_.peers.size(), false});
  }

  /// So many thirds of the room are taken; the last is for those who stand for most people.
  [[nodiscard]] bool isFull(std::size_t thirds) {
    const bool full = out_.peers.size() >= kMostSamplePeers / 3 * thirds;
    out_.cut = out_.cut || full;
    return full;
  }

  [[nodiscard]] bool isMeant(const auth::Account& account) {
    const bool in_range =
        std::any_of(ranges_.begin(), ranges_.end(), [&](const config::IdRange& range) {
          return range.first <= account.uid && account.uid <= range.last;
        });
    if (in_range || groups_.empty()) {
      return in_range;
    }
    const auto groups = accounts_.groupsOf(account);
    return groups && std::any_of(groups->begin(), groups->end(),
                                 [&](gid_t gid) { return groups_.count(gid) != 0; });
  }

  auth::Accounts& accounts_;
  config::Diagnostics ignored_;  // The policies were made, so all names resolve.
  auth::SystemFileFacts files_;
  auth::NameResolver names_;
  std::map<gid_t, std::string> groups_;
  std::vector<config::IdRange> ranges_;
  std::set<uid_t> uids_;
  SampleProcesses processes_;
  SamplePeers out_;
};

}  // namespace

SamplePeers samplePeers(const std::vector<const config::Config*>& configs, auth::Accounts& accounts,
                        const std::vector<auth::Account>& listed, const WorthAsking& worth) {
  Collector collector(accounts, worth);
  for (const config::Config* config : configs) {
    collector.add(*config);
  }
  collector.addListed(listed);
  return collector.finish();
}

}  // namespace peerpool::server
