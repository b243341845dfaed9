#include "proxy/server/policy_difference.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "config/diagnostics.h"
#include "config/wording.h"
#include "proxy/server/peer_lines.h"
#include "proxy/server/policy_facts.h"
#include "proxy/server/sample_moments.h"
#include "proxy/server/sample_names.h"
#include "proxy/server/sample_peers.h"
#include "proxy/server/settings_difference.h"

namespace peerpool::server {
namespace {

/// What an allow gives.
struct Grant {
  std::string role;  ///< `role "rw"`
  std::string rule;
  config::Location where;
  const config::PolicyRule* source = nullptr;
};

/// By database and role asked for, as words.
using Grants = std::map<std::pair<std::string, std::string>, Grant>;

std::string roleText(const std::string& role, const AskedNames& names, const auth::Identity& peer) {
  if (role == peer.user) {
    return "the role of their own name";
  }
  for (const SampleName& name : names.roles) {
    if (name.value == role) {
      return name.text;
    }
  }
  return "role " + config::quoted(role);
}

std::string namedRule(const Grant& grant) {
  return "rule " + config::quoted(grant.rule) + ", " + config::describe(grant.where);
}

std::string ruleText(const Grant& grant) { return " (" + namedRule(grant) + ')'; }

bool reaches(const Grants& grants, const std::string& database, const std::string& role) {
  for (const auto& [asked, grant] : grants) {
    if (asked.first == database && grant.role == role) {
      return true;
    }
  }
  return false;
}

class Comparison {
 public:
  Comparison(const auth::Policy& before, const auth::Policy& after, auth::Accounts& accounts,
             const std::vector<auth::Account>& listed, std::size_t most)
      : before_(before),
        after_(after),
        configs_{&before.config(), &after.config()},
        names_(configs_),
        moments_(sampleMoments(configs_)),
        peers_(samplePeers(configs_, accounts, listed)),
        most_(most),
        sentences_(peers_.peers) {}

  [[nodiscard]] PolicyDifference run() {
    std::set<std::string> listeners;
    for (const config::Config* config : configs_) {
      for (const config::Listener& listener : config->listeners) {
        listeners.insert(listener.name);
      }
    }
    for (std::size_t peer = 0; peer < peers_.peers.size(); ++peer) {
      for (const std::string& listener : listeners) {
        compareAt(peer, listener);
      }
    }
    for (const std::string& text : settingsDifference(*configs_[0], *configs_[1])) {
      out_.lines.push_back("~ " + text);
    }
    for (const PeerLines::Line& line : sentences_.lines()) {
      out_.lines.push_back(line.sentence.substr(0, 1) + ' ' + line.whom + line.sentence.substr(1));
    }
    out_.peers = peers_.peers.size();
    out_.cut = out_.cut || peers_.cut;
    return std::move(out_);
  }

 private:
  /// Sentence to the moments at which it is true.
  using Said = std::map<std::string, std::set<std::size_t>>;

  void compareAt(std::size_t peer, const std::string& listener) {
    const AskedNames names = names_.of(listener, peers_.peers[peer].identity);
    Said said;
    for (std::size_t moment = 0; moment < moments_.size(); ++moment) {
      const std::size_t questions = names.databases.size() * names.roles.size();
      if (out_.questions + questions > most_) {
        out_.cut = true;
        return;
      }
      out_.questions += questions;
      const Grants was = grantsOf(before_, peer, listener, moment, names);
      const Grants is = grantsOf(after_, peer, listener, moment, names);
      compare(was, is, listener, moment, said);
    }
    for (const auto& [sentence, when] : said) {
      sentences_.add(peer, sentence + momentsText(when));
    }
  }

  [[nodiscard]] Grants grantsOf(const auth::Policy& policy, std::size_t peer,
                                const std::string& listener, std::size_t moment,
                                const AskedNames& names) const {
    Grants grants;
    const auth::Identity& identity = peers_.peers[peer].identity;
    for (const SampleName& database : names.databases) {
      for (const SampleName& role : names.roles) {
        auth::Decision decision =
            policy.login(identity, {listener, database.value, role.value, moments_[moment].at});
        if (decision.verdict == auth::Verdict::Allow) {
          grants[{database.text, role.text}] = {roleText(decision.login_role, names, identity),
                                                std::move(decision.rule), std::move(decision.where),
                                                decision.granted};
        }
      }
    }
    return grants;
  }

  void compare(const Grants& was, const Grants& is, const std::string& listener, std::size_t moment,
               Said& said) const {
    const auto say = [&](const std::string& text) { said[text].insert(moment); };
    const std::string through = " through listener " + listener;
    const Grants changed = compareShared(was, is, listener, say);
    for (const auto& [asked, grant] : is) {
      if (was.count(asked) != 0 || reaches(changed, asked.first, grant.role)) {
        continue;
      }
      const std::string what = asked.first + " as " + grant.role + through;
      say(reaches(was, asked.first, grant.role)
              ? "~: " + what + " also by asking for " + asked.second + ruleText(grant)
              : "+ may use " + what + ruleText(grant));
    }
    for (const auto& [asked, grant] : was) {
      if (is.count(asked) != 0 || reaches(changed, asked.first, grant.role)) {
        continue;
      }
      const std::string what = asked.first + " as " + grant.role + through;
      say(reaches(is, asked.first, grant.role)
              ? "~: " + what + " no longer by asking for " + asked.second + ruleText(grant)
              : "- may no longer use " + what + ruleText(grant));
    }
  }

  /// What both let in. Returns the roles, old and new, of which a change was told.
  template <typename Say>
  Grants compareShared(const Grants& was, const Grants& is, const std::string& listener,
                       Say say) const {
    Grants changed;
    for (const auto& [asked, grant] : is) {
      const auto before = was.find(asked);
      if (before == was.end()) {
        continue;
      }
      if (before->second.role == grant.role) {
        compareConditions(before->second, grant, listener, say);
        continue;
      }
      say("~: " + asked.first + " through listener " + listener + " as " + grant.role +
          " instead of " + before->second.role + ruleText(grant));
      changed[{asked.first, asked.second + " before"}] = before->second;
      changed[{asked.first, asked.second + " after"}] = grant;
    }
    return changed;
  }

  /// The same role of the same database.
  template <typename Say>
  void compareConditions(const Grant& was, const Grant& is, const std::string& listener,
                         Say say) const {
    const std::string start = "~: through listener " + listener + " by " + namedRule(is) + ": ";
    if (was.rule != is.rule) {
      say(start + "instead of rule " + config::quoted(was.rule));
    }
    for (const std::string& text : differences(ruleFacts(*was.source), ruleFacts(*is.source))) {
      say(start + text);
    }
    for (const std::string& text :
         differences(poolFacts(*configs_[0], *was.source), poolFacts(*configs_[1], *is.source))) {
      say(start + text);
    }
  }

  /// Empty for all of them.
  [[nodiscard]] std::string momentsText(const std::set<std::size_t>& when) const {
    if (when.size() == moments_.size()) {
      return "";
    }
    std::string text;
    for (const std::size_t moment : when) {
      text += (text.empty() ? ", at times like " : " or ") + moments_[moment].text;
    }
    return text;
  }

  const auth::Policy& before_;
  const auth::Policy& after_;
  std::vector<const config::Config*> configs_;
  SampleNames names_;
  std::vector<SampleMoment> moments_;
  SamplePeers peers_;
  std::size_t most_;
  PeerLines sentences_;
  PolicyDifference out_;
};

}  // namespace

PolicyDifference comparePolicies(const auth::Policy& before, const auth::Policy& after,
                                 auth::Accounts& accounts, const std::vector<auth::Account>& listed,
                                 std::size_t most) {
  return Comparison(before, after, accounts, listed, most).run();
}

}  // namespace peerpool::server
