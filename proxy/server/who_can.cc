#include "proxy/server/who_can.h"

#include <map>
#include <set>
#include <utility>

#include "config/diagnostics.h"
#include "config/wording.h"
#include "proxy/server/peer_lines.h"
#include "proxy/server/policy_facts.h"
#include "proxy/server/sample_moments.h"
#include "proxy/server/sample_names.h"
#include "proxy/server/sample_peers.h"
#include "proxy/server/selector_text.h"

namespace peerpool::server {
namespace {

/// A way in: the rule's place in the configuration, then words.
using Way = std::pair<std::size_t, std::string>;

std::vector<std::string> conditionsOf(const config::Config& config,
                                      const config::PolicyRule& rule) {
  std::vector<std::string> lines{"for " + selectorText(config, rule.who)};
  const Facts facts = ruleFacts(rule);
  if (!facts.empty()) {
    lines.push_back(factsText(facts));
  }
  const Facts pool = poolFacts(config, rule);
  lines.push_back("pool.mode: " + pool.at("pool.mode") + ", pool.size: " + pool.at("pool.size"));
  return lines;
}

void addValues(const std::string& pattern, const std::string& name, WorthAsking& worth) {
  if (const auto account = valueOf("${user}", pattern, name)) {
    worth.accounts.push_back(*account);
  }
  if (const auto instance = valueOf("${unit_instance}", pattern, name)) {
    worth.instances.push_back(*instance);
  }
}

/// Who must be asked about because a template makes that name only of theirs.
WorthAsking worthAsking(const config::Config& config, const WhoCanQuestion& question) {
  WorthAsking worth;
  for (const config::PolicyRule& rule : config.rules) {
    for (const std::string& pattern : rule.databases) {
      addValues(pattern, question.database, worth);
    }
    for (const std::string& pattern : rule.roles) {
      addValues(pattern, question.role, worth);
    }
    addValues(rule.as, question.role, worth);
  }
  return worth;
}

class Search {
 public:
  Search(const auth::Policy& policy, const WhoCanQuestion& question, auth::Accounts& accounts,
         const std::vector<auth::Account>& listed, std::size_t most)
      : policy_(policy),
        config_(policy.config()),
        question_(question),
        names_({&config_}),
        moments_(sampleMoments({&config_})),
        peers_(samplePeers({&config_}, accounts, listed, worthAsking(config_, question))),
        most_(most) {}

  [[nodiscard]] WhoCan run() {
    for (std::size_t peer = 0; peer < peers_.peers.size(); ++peer) {
      for (const config::Listener& listener : config_.listeners) {
        if (question_.listener.empty() || question_.listener == listener.name) {
          ask(peer, listener.name);
        }
      }
    }
    for (const auto& [way, lines] : lines_) {
      for (const PeerLines::Line& line : lines.lines()) {
        out_.ways.push_back({way.second, line.whom, conditionsOf(config_, *rules_.at(way.first))});
      }
    }
    out_.cut = out_.cut || peers_.cut;
    return std::move(out_);
  }

 private:
  void ask(std::size_t peer, const std::string& listener) {
    std::map<Way, std::set<std::size_t>> found;
    std::vector<SampleName> roles = names_.of(listener, peers_.peers[peer].identity).roles;
    roles.push_back({question_.role, ""});
    if (out_.questions + roles.size() * moments_.size() > most_) {
      out_.cut = true;
      return;
    }
    for (std::size_t moment = 0; moment < moments_.size(); ++moment) {
      for (const SampleName& role : roles) {
        ++out_.questions;
        const auth::Decision decision =
            policy_.login(peers_.peers[peer].identity,
                          {listener, question_.database, role.value, moments_[moment].at});
        if (decision.verdict == auth::Verdict::Allow &&
            (question_.role.empty() || question_.role == decision.login_role)) {
          found[wayOf(decision, role, listener, peers_.peers[peer].identity)].insert(moment);
        }
      }
    }
    for (const auto& [way, when] : found) {
      const Way timed{way.first, way.second + momentsText(when, *rules_.at(way.first))};
      lines_.try_emplace(timed, peers_.peers).first->second.add(peer, "");
    }
  }

  [[nodiscard]] Way wayOf(const auth::Decision& decision, const SampleName& asked,
                          const std::string& listener, const auth::Identity& peer) {
    const auto index = static_cast<std::size_t>(decision.granted - config_.rules.data());
    rules_[index] = decision.granted;
    const bool own = decision.login_role == peer.user && question_.role.empty();
    // A pattern grants more roles than the one that stood for it.
    const bool example = asked.value == decision.login_role && !asked.text.empty();
    return {index, "through listener " + listener + " as " +
                       (own       ? std::string("the role of their own name")
                        : example ? asked.text
                                  : "role " + config::quoted(decision.login_role)) +
                       " by rule " + config::quoted(decision.rule) + " (" +
                       config::describe(decision.where) + ')'};
  }

  /// Why not always: the rule's own windows are among its conditions.
  [[nodiscard]] std::string momentsText(const std::set<std::size_t>& when,
                                        const config::PolicyRule& rule) const {
    if (when.size() == moments_.size() || !rule.when.empty()) {
      return "";
    }
    std::string text;
    for (const std::size_t moment : when) {
      text += (text.empty() ? ", at times like " : " or ") + moments_[moment].text;
    }
    return text;
  }

  const auth::Policy& policy_;
  const config::Config& config_;
  const WhoCanQuestion& question_;
  SampleNames names_;
  std::vector<SampleMoment> moments_;
  SamplePeers peers_;
  std::size_t most_;
  std::map<std::size_t, const config::PolicyRule*> rules_;
  std::map<Way, PeerLines> lines_;
  WhoCan out_;
};

}  // namespace

WhoCan whoCan(const auth::Policy& policy, const WhoCanQuestion& question, auth::Accounts& accounts,
              const std::vector<auth::Account>& listed, std::size_t most) {
  return Search(policy, question, accounts, listed, most).run();
}

}  // namespace peerpool::server
