#include "tests/auth/slow_policy.h"

#include <optional>
#include <variant>
#include <vector>

#include "auth/process_facts.h"
#include "tests/auth/slow_time.h"

namespace peerpool::auth::test {
namespace {

/// Kleene's logic as numbers: 0 no, 1 unknown, 2 yes.
using Answer = int;
constexpr Answer kNo = 0;
constexpr Answer kUnknown = 1;
constexpr Answer kYes = 2;

Answer answer(bool value) { return value ? kYes : kNo; }
Answer lesser(Answer a, Answer b) { return a < b ? a : b; }
Answer greater(Answer a, Answer b) { return a > b ? a : b; }

bool fits(const std::string& glob, const std::string& text) {
  if (glob.empty()) {
    return text.empty();
  }
  if (glob[0] == '*') {
    return fits(glob.substr(1), text) || (!text.empty() && fits(glob, text.substr(1)));
  }
  return !text.empty() && glob[0] == text[0] && fits(glob.substr(1), text.substr(1));
}

bool hasGroup(const Identity& peer, std::uint32_t group) {
  bool found = peer.gid == group;
  for (const gid_t one : peer.groups) {
    found = found || one == group;
  }
  return found;
}

std::string containerOf(const CgroupPlace& place) {
  return place.engine == ContainerEngine::Docker   ? "docker"
         : place.engine == ContainerEngine::Podman ? "podman"
                                                   : "";
}

template <typename Entries, typename Holds>
Answer anyEntry(const Entries& entries, Holds holds) {
  if (entries.empty()) {
    return kYes;  // A key that is not there asks nothing.
  }
  Answer result = kNo;
  for (const auto& entry : entries) {
    result = greater(result, holds(entry));
  }
  return result;
}

Answer processAnswer(const config::ProcessMatcher& asked, const Identity& peer) {
  const ProcessFacts nothing;
  const ProcessFacts& facts = peer.process ? *peer.process : nothing;
  const CgroupPlace* const place = facts.cgroup.find();
  const bool* const apart = facts.apart.find();
  const Answer no_place = place == nullptr ? kUnknown : kYes;
  Answer result = anyEntry(asked.units, [&](const auto& unit) {
    return lesser(no_place, place == nullptr ? kUnknown : answer(fits(unit.text, place->unit)));
  });
  result = lesser(result, anyEntry(asked.slices, [&](const auto& slice) {
                    Answer found = no_place == kUnknown ? kUnknown : kNo;
                    if (place != nullptr) {
                      for (const std::string& above : place->slices) {
                        found = above == slice.text ? kYes : found;
                      }
                    }
                    return found;
                  }));
  return lesser(result, anyEntry(asked.containers, [&](config::ContainerKind kind) {
                  switch (kind) {
                    case config::ContainerKind::None:
                      return apart == nullptr ? kUnknown : answer(!*apart);
                    case config::ContainerKind::Any:
                      return apart == nullptr ? kUnknown : answer(*apart);
                    case config::ContainerKind::Docker:
                      return place == nullptr ? kUnknown : answer(containerOf(*place) == "docker");
                    case config::ContainerKind::Podman:
                      return place == nullptr ? kUnknown : answer(containerOf(*place) == "podman");
                  }
                  return kNo;
                }));
}

Answer peerAnswer(const config::Matcher& asked, const Identity& peer) {
  const FakeAccounts accounts;
  const Answer known = peer.known ? kYes : kUnknown;
  const bool nothing = asked.users.empty() && asked.uids.empty() && asked.groups.empty() &&
                       asked.gids.empty() && !asked.unmapped && asked.any.empty() &&
                       asked.not_all_of.empty() && asked.process.empty();
  Answer result = nothing ? known : kYes;
  const auto ofKnown = [&](bool value) { return peer.known ? answer(value) : kUnknown; };
  result = lesser(result, anyEntry(asked.users, [&](const auto& user) {
                    return ofKnown(peer.uid == accounts.users.at(user.name));
                  }));
  result = lesser(result, anyEntry(asked.uids, [&](const auto& range) {
                    return ofKnown(range.first <= peer.uid && peer.uid <= range.last);
                  }));
  result = lesser(result, anyEntry(asked.groups, [&](const auto& group) {
                    return ofKnown(hasGroup(peer, accounts.groups.at(group.name)));
                  }));
  if (!asked.process.empty()) {
    result = lesser(result, peer.known ? processAnswer(asked.process, peer) : kUnknown);
  }
  if (asked.unmapped) {
    result = lesser(result, answer(*asked.unmapped != peer.known));
  }
  result =
      lesser(result, anyEntry(asked.any, [&](const auto& one) { return peerAnswer(one, peer); }));
  for (const config::Matcher& excluded : asked.not_all_of) {
    result = lesser(result, kYes - peerAnswer(excluded, peer));
  }
  return result;
}

struct Who {
  Answer truth = kNo;
  std::string identity = {};
};

Who whoAnswer(const config::Config& config, const config::Selector& selector,
              const Identity& peer) {
  Who who;
  if (selector.anyone) {
    who.truth = peer.known ? kYes : kUnknown;
  }
  for (const std::string& name : selector.identities) {
    for (const config::Identity& identity : config.identities) {
      if (identity.name == name && who.identity.empty()) {
        const Answer truth = peerAnswer(identity.matcher, peer);
        who.truth = greater(who.truth, truth);
        who.identity = truth == kYes ? name : "";
      }
    }
  }
  if (selector.matcher) {
    who.truth = greater(who.truth, peerAnswer(*selector.matcher, peer));
  }
  return who;
}

/// What may be put into a template: [a-z_][a-z0-9_.-]{0,62}.
bool plain(const std::string& value) {
  if (value.empty() || value.size() > 63) {
    return false;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool always = (c >= 'a' && c <= 'z') || c == '_';
    const bool later = (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!always && !(i > 0 && later)) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> filledIn(std::string text, const Identity& peer,
                                    const std::string& identity) {
  const CgroupPlace* const place =
      peer.known && peer.process ? peer.process->cgroup.find() : nullptr;
  const std::pair<std::string, std::string> variables[] = {
      {"${user}", peer.user},
      {"${identity}", identity},
      {"${unit_instance}", place == nullptr ? "" : place->instance}};
  for (const auto& [variable, value] : variables) {
    for (std::size_t at = text.find(variable); at != std::string::npos; at = text.find(variable)) {
      if (!plain(value)) {
        return std::nullopt;
      }
      text.replace(at, variable.size(), value);
    }
  }
  return text;
}

bool written(const std::string& pattern) {
  return pattern.find('*') == std::string::npos && pattern.find("${") == std::string::npos;
}

class RuleCase {
 public:
  RuleCase(const config::Config& config, const config::PolicyRule& rule, const Identity& peer,
           const Request& request)
      : config_(config), rule_(rule), peer_(peer), request_(request) {
    who_ = whoAnswer(config, rule.who, peer);
    role_ = request.role.empty() ? peer.user : std::string(request.role);
    database_ = !request.database.empty()        ? std::string(request.database)
                : !rule.default_database.empty() ? rule.default_database
                                                 : role_;
  }

  [[nodiscard]] Answer truth() {
    if (who_.truth == kNo) {
      return kNo;
    }
    return lesser(who_.truth, lesser(lesser(databaseAnswer(), roleAnswer()), whenAnswer()));
  }
  [[nodiscard]] SlowAnswer grant() const {
    return {true, rule_.name, login_, rule_.database_as.empty() ? database_ : rule_.database_as};
  }

 private:
  [[nodiscard]] bool allows() const { return rule_.effect == config::Effect::Allow; }

  [[nodiscard]] Answer patternAnswer(const std::string& pattern, const std::string& name) const {
    if (name.size() > 63) {
      return kNo;
    }
    const auto text = filledIn(pattern, peer_, who_.identity);
    return text ? answer(fits(*text, name)) : kUnknown;
  }

  [[nodiscard]] bool isNever(const std::string& role) const {
    bool never = false;
    for (const auto* list : {&config_.never_roles, &rule_.never_roles}) {
      for (const std::string& pattern : *list) {
        never = never || fits(pattern, role);
      }
    }
    return never;
  }

  [[nodiscard]] Answer whenAnswer() const {
    if (!rule_.when.empty() && std::holds_alternative<std::monostate>(request_.at)) {
      return kUnknown;
    }
    return anyEntry(rule_.when, [&](const config::TimeWindow& window) {
      return answer(isInside(window, request_.at));
    });
  }

  [[nodiscard]] Answer databaseAnswer() const {
    if (rule_.databases.empty()) {
      return answer(!allows());
    }
    if (database_.empty()) {
      return kUnknown;
    }
    return anyEntry(rule_.databases,
                    [&](const std::string& one) { return patternAnswer(one, database_); });
  }

  [[nodiscard]] Answer askedAnswer() const {
    if (role_.empty()) {
      return kUnknown;
    }
    if (role_.size() > 63) {
      return answer(!allows());
    }
    return anyEntry(rule_.roles, [&](const std::string& one) {
      const bool guarded = allows() && isNever(role_) && !written(one);
      return guarded ? kNo : patternAnswer(one, role_);
    });
  }

  [[nodiscard]] Answer roleAnswer() {
    if (!allows()) {
      return rule_.roles.empty() ? kYes : askedAnswer();
    }
    if (rule_.as.empty()) {
      login_ = role_;
      return rule_.roles.empty() ? kNo : askedAnswer();
    }
    const auto login = filledIn(rule_.as, peer_, who_.identity);
    if (!login || login->size() > 63) {
      return kUnknown;
    }
    if (!written(rule_.as) && isNever(*login)) {
      return kNo;
    }
    login_ = *login;
    if (!rule_.roles.empty()) {
      return askedAnswer();
    }
    const std::string asked(request_.role);
    if (asked.empty() || asked == login_ || asked == peer_.user) {
      return kYes;
    }
    return peer_.user.empty() ? kUnknown : kNo;
  }

  const config::Config& config_;
  const config::PolicyRule& rule_;
  const Identity& peer_;
  const Request& request_;
  Who who_;
  std::string role_;
  std::string database_;
  std::string login_;
};

bool isOf(const config::PolicyRule& rule, const Request& request) {
  bool found = false;
  for (const std::string& listener : rule.listeners) {
    found = found || listener == request.listener;
  }
  return found;
}

/// Null: it is let through.
const char* containersDeny(const config::Config& config, const Identity& peer,
                           const Request& request) {
  const bool* const apart = peer.process ? peer.process->apart.find() : nullptr;
  for (const config::Listener& listener : config.listeners) {
    if (listener.name != request.listener || !peer.known) {
      continue;
    }
    if (listener.containers == config::Containers::Deny && (apart == nullptr || *apart)) {
      return "containers: deny";
    }
    if (listener.containers == config::Containers::Only && (apart == nullptr || !*apart)) {
      return "containers: only";
    }
  }
  return nullptr;
}

/// By the rules alone, from the top.
SlowAnswer byRules(const config::Config& config, const Identity& peer, const Request& request) {
  for (const config::PolicyRule& rule : config.rules) {
    if (rule.dry_run || !isOf(rule, request)) {
      continue;
    }
    RuleCase one(config, rule, peer, request);
    const Answer truth = one.truth();
    if (rule.effect == config::Effect::Deny && truth != kNo) {
      return {false, rule.name};
    }
    if (rule.effect == config::Effect::Allow && truth == kYes) {
      return one.grant();
    }
  }
  return {};
}

/// While mode: audit lasts: whoever is denied, as the role of his own name.
SlowAnswer tolerated(const config::Config& config, const Identity& peer, const Request& request,
                     const SlowAnswer& denied) {
  const auto* const now = std::get_if<config::Instant>(&request.at);
  const bool lasts =
      config.mode == config::Mode::Audit && now != nullptr && *now < config.audit_until.value();
  config::PolicyRule rule;
  rule.name = "mode: audit";
  rule.effect = config::Effect::Allow;
  rule.who.anyone = true;
  rule.databases = {"*"};
  rule.as = "${user}";
  for (const config::Listener& listener : config.listeners) {
    rule.listeners.push_back(listener.name);
  }
  RuleCase one(config, rule, peer, request);
  return lasts && isOf(rule, request) && one.truth() == kYes ? one.grant() : denied;
}

}  // namespace

SlowAnswer decideSlowly(const config::Config& config, const Identity& peer,
                        const Request& request) {
  for (const config::PolicyRule& rule : config.never) {
    if (!rule.dry_run && RuleCase(config, rule, peer, request).truth() != kNo) {
      return {false, rule.name};
    }
  }
  if (const char* const denied = containersDeny(config, peer, request)) {
    return {false, denied};
  }
  if (request.role.size() > 63 || request.database.size() > 63) {
    return {};
  }
  const SlowAnswer answer = byRules(config, peer, request);
  return answer.allowed ? answer : tolerated(config, peer, request, answer);
}

}  // namespace peerpool::auth::test
