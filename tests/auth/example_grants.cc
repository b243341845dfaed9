#include "tests/auth/example_grants.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "auth/policy.h"
#include "auth/process_facts.h"
#include "tests/auth/example.h"
#include "tests/auth/policy_fixture.h"

namespace peerpool::auth::test {
namespace {

struct Peer {
  std::string text;
  Identity identity;
};

/// What the policy mentions anywhere.
struct Mentioned {
  std::set<std::string> groups;
  std::set<std::uint32_t> uids;
  std::set<std::string> units;
  std::set<std::string> databases{"postgres", "template1", "fresh"};
  std::set<std::string> roles{"postgres", "pg_monitor", "fresh"};
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) {
    text.replace(at, what.size(), by);
  }
  return text;
}

void addMatcher(const config::Matcher& matcher, Mentioned& out) {
  for (const config::AccountName& group : matcher.groups) {
    out.groups.insert(group.name);
  }
  for (const config::IdRange& range : matcher.uids) {
    out.uids.insert({range.first, range.last, range.last + 1});
    if (range.first > 0) {
      out.uids.insert(range.first - 1);
    }
  }
  for (const config::TextPattern& unit : matcher.process.units) {
    out.units.insert(replaced(unit.text, "*", "x"));
    out.units.insert("x" + replaced(unit.text, "*", "x"));
  }
  for (const auto* list : {&matcher.any, &matcher.not_all_of}) {
    for (const config::Matcher& inner : *list) {
      addMatcher(inner, out);
    }
  }
}

/// A name as written, as one that its glob fits, and as what its template may become for somebody.
void addName(const std::string& text, const std::set<std::string>& values,
             std::set<std::string>& out) {
  const std::string name = replaced(text, "*", "x");
  if (name.find("${") == std::string::npos) {
    out.insert(name);
    return;
  }
  for (const std::string& value : values) {
    out.insert(replaced(replaced(name, "${user}", value), "${identity}", value));
  }
}

Mentioned mentionedIn(const config::Config& config, const ExampleAccounts& accounts) {
  Mentioned all;
  std::set<std::string> values;
  for (const auto& entry : accounts.users()) {
    values.insert(entry.first);
    all.roles.insert(entry.first);
  }
  for (const config::Identity& identity : config.identities) {
    addMatcher(identity.matcher, all);
    values.insert(identity.name);
  }
  for (const auto* list : {&config.never, &config.rules}) {
    for (const config::PolicyRule& rule : *list) {
      if (rule.who.matcher) {
        addMatcher(*rule.who.matcher, all);
      }
      for (const std::string& database : rule.databases) {
        addName(database, values, all.databases);
      }
      for (const std::string& role : rule.roles) {
        addName(role, values, all.roles);
      }
      addName(rule.as, values, all.roles);
      addName(rule.database_as, values, all.databases);
    }
  }
  for (const config::PolicyTest& test : config.tests) {
    all.databases.insert(test.database);
    all.roles.insert(test.role);
  }
  all.databases.insert("");
  all.roles.insert("");
  return all;
}

/// Who is tried as a newcomer to each group that is mentioned.
bool mayBeNewcomer(const std::string& name) {
  static const std::set<std::string> kNames{"root", "nobody", "postgres", "peerpool",
                                            "web",  "acme",   "mallory"};
  return kNames.count(name) != 0;
}

/// Every account with its own groups, and the newcomers.
std::vector<Peer> socketPeers(const Mentioned& mentioned, ExampleAccounts& accounts) {
  std::vector<Peer> peers{{"unmapped", unmappedPeer()}};
  for (const auto& [name, account] : accounts.users()) {
    Identity own = peer(account.uid, name);
    own.known = name != "nobody";
    if (Result<std::vector<gid_t>> groups = accounts.groupsOf(account)) {
      own.groups = *std::move(groups);
    }
    peers.push_back({name, own});
    for (const std::string& group : mentioned.groups) {
      if (mayBeNewcomer(name) && !own.inGroup(accounts.groups().at(group))) {
        Identity member = own;
        member.groups.push_back(accounts.groups().at(group));
        peers.push_back({name + "+" + group, std::move(member)});
      }
    }
  }
  for (const std::uint32_t uid : mentioned.uids) {
    peers.push_back({std::to_string(uid), peer(uid)});
    for (const std::string& group : mentioned.groups) {
      peers.push_back(
          {std::to_string(uid) + "+" + group, peer(uid, "", {accounts.groups().at(group)})});
    }
  }
  return peers;
}

std::vector<Peer> peersOf(const Mentioned& mentioned, ExampleAccounts& accounts) {
  std::vector<Peer> peers;
  for (const Peer& base : socketPeers(mentioned, accounts)) {
    peers.push_back(base);
    for (const std::string& unit : mentioned.units) {
      peers.push_back({base.text + " in " + unit, base.identity});
      peers.back().identity.process = imaginedProcess(unit);
    }
  }
  return peers;
}

std::string grantText(const Decision& decision, const config::Listener& listener) {
  const config::PolicyRule& rule = *decision.granted;
  return decision.login_role + " in " + decision.database + " at " +
         (rule.backend.empty() ? listener.backend : rule.backend) +
         (rule.superuser ? ", even as superuser" : "") + " (" + rule.name + ")";
}

std::string orDash(const std::string& text) { return text.empty() ? "-" : text; }

/// Not known; and where time matters some of a week: by day, at night, at its end.
std::vector<std::string> momentsOf(const config::Config& config) {
  const bool matters = config.mode == config::Mode::Audit ||
                       std::any_of(config.rules.begin(), config.rules.end(),
                                   [](const auto& rule) { return !rule.when.empty(); });
  if (!matters) {
    return {""};
  }
  return {"", "2026-12-01T12:00:00Z", "2026-12-02T02:00:00Z", "2026-12-05T12:00:00Z"};
}

/// The lines of one peer at one listener and time.
std::string linesOf(const Policy& policy, const config::Listener& listener, const Peer& peer,
                    const Mentioned& mentioned, const config::Moment& at) {
  std::string lines;
  for (const std::string& database : mentioned.databases) {
    std::map<std::string, std::string> asked;  // By what it gives: all that may be asked for.
    for (const std::string& role : mentioned.roles) {
      const Decision decision = policy.login(peer.identity, {listener.name, database, role, at});
      if (decision.verdict == Verdict::Allow) {
        asked[grantText(decision, listener)] += " " + orDash(role);
      }
    }
    for (const auto& [grant, roles] : asked) {
      lines += listener.name + ": " + peer.text + ": database " + orDash(database) + ", role" +
               roles + " => " + grant + "\n";
    }
  }
  return lines;
}

}  // namespace

std::string grantsOf(const std::shared_ptr<const config::Config>& config) {
  ExampleAccounts accounts;
  const Policy policy(config, accounts);
  const Mentioned mentioned = mentionedIn(*config, accounts);
  std::string lines;
  for (const std::string& moment : momentsOf(*config)) {
    const config::Moment at =
        moment.empty() ? config::Moment() : config::parseMoment(moment).value();
    lines += moment.empty() ? "" : "at " + moment + "\n";
    for (const config::Listener& listener : config->listeners) {
      for (const Peer& peer : peersOf(mentioned, accounts)) {
        lines += linesOf(policy, listener, peer, mentioned, at);
      }
    }
  }
  return lines;
}

}  // namespace peerpool::auth::test
