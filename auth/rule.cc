// Conditions of one rule in the order listener, peer, database, role, time. Nothing here decides
// between rules.

#include "auth/rule.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

using config::Effect;

void addPattern(std::vector<NamePattern>& patterns, const std::string& text,
                const config::PolicyRule& source, const std::string& path, NameResolver& names) {
  try {
    patterns.emplace_back(text);
  } catch (const std::invalid_argument& mistake) {
    names.problems().error(source.where, path, mistake.what());
  }
}

std::string listed(const std::vector<NamePattern>& patterns) {
  std::vector<std::string> texts;
  texts.reserve(patterns.size());
  for (const NamePattern& pattern : patterns) {
    texts.push_back(pattern.text());
  }
  return joined(texts);
}

/// Why a list of patterns gives Unknown: the first that cannot be filled in.
std::string whyUnknown(const std::vector<NamePattern>& patterns, const Variables& variables) {
  for (const NamePattern& pattern : patterns) {
    const std::string reason = pattern.whyNotExpanded(variables);
    if (!reason.empty()) {
      return pattern.text() + " cannot be filled in: " + reason;
    }
  }
  return {};
}

/// Only explain() and denials ask why: nobody else pays for the sentence.
template <typename MakeText>
void tell(std::string* why, MakeText makeText) {
  if (why != nullptr) {
    *why = makeText();
  }
}

}  // namespace

Rule::Rule(const config::PolicyRule& source, const std::vector<std::string>& never_roles,
           const IdentityMatchers& identities, NameResolver& names, TimeZones& zones,
           const std::string& path)
    : source_(&source),
      who_(source.who, identities, names,
           path + (source.listeners.empty()         ? ".who"
                   : source.effect == Effect::Allow ? ".allow"
                                                    : ".deny")),
      schedule_(source, zones, names.problems(), path) {
  for (const std::string& text : source.databases) {
    addPattern(databases_, text, source, path + ".databases", names);
  }
  for (const std::string& text : source.roles) {
    addPattern(roles_, text, source, path + ".roles", names);
  }
  for (const std::string& text : never_roles) {
    addPattern(never_roles_, text, source, "never_roles", names);
  }
  for (const std::string& text : source.never_roles) {
    addPattern(never_roles_, text, source, path + ".never_roles", names);
  }
  if (!source.as.empty()) {
    std::vector<NamePattern> as;
    addPattern(as, source.as, source, path + ".as", names);
    if (!as.empty()) {
      as_ = std::move(as.front());
    }
  }
}

bool Rule::appliesTo(std::string_view listener) const noexcept {
  // Only entries of never:, which deny, name no listener.
  const auto& all = source_->listeners;
  if (all.empty()) {
    return source_->effect == Effect::Deny;
  }
  return std::find(all.begin(), all.end(), listener) != all.end();
}

bool Rule::isNeverRole(std::string_view role) const {
  return std::any_of(never_roles_.begin(), never_roles_.end(), [&](const NamePattern& pattern) {
    return pattern.matches(role, {}) != Truth::No;
  });
}

Rule::Outcome Rule::evaluate(const Identity& peer, const Request& request, std::string* why) const {
  if (!appliesTo(request.listener)) {
    tell(why, [&] {
      return "listener " + quoted(request.listener) +
             " is not one of: " + joined(source_->listeners);
    });
    return {};
  }
  const PeerSelector::Match who = who_.matches(peer);
  if (who.truth != Truth::Yes) {
    tell(why, [&] { return who_.whyNot(peer); });
  }
  if (who.truth == Truth::No) {
    return {};
  }
  Situation situation{peer,
                      request,
                      {peer.user, who.identity_name, unitInstance(peer)},
                      request.role,
                      request.database};
  if (situation.role.empty()) {
    situation.role = peer.user;
  }
  if (situation.database.empty()) {
    situation.database =
        source_->default_database.empty() ? situation.role : source_->default_database;
  }
  Outcome outcome;
  outcome.truth = who.truth;
  std::string reason;
  std::string* const ask = why == nullptr ? nullptr : &reason;
  const Truth database = databaseTruth(situation, ask);
  if (database < outcome.truth) {
    outcome.truth = database;
    tell(why, [&] { return reason; });
  }
  Role role = roleOutcome(situation, ask);
  if (role.truth < outcome.truth) {
    outcome.truth = role.truth;
    tell(why, [&] { return reason; });
  }
  const Truth now = schedule_.holdsAt(request.at);
  if (now < outcome.truth) {
    outcome.truth = now;
    tell(why, [&] { return schedule_.whyNot(request.at); });
  }
  outcome.identity = who.identity_name;
  outcome.login_role = std::move(role.login);
  outcome.database =
      source_->database_as.empty() ? std::string(situation.database) : source_->database_as;
  return outcome;
}

Truth Rule::databaseTruth(const Situation& situation, std::string* why) const {
  if (databases_.empty()) {
    // "All" must be written: an allow that forgot its databases grants none.
    tell(why, [&] { return std::string("the rule names no databases"); });
    return truthOf(source_->effect == Effect::Deny);
  }
  if (situation.database.empty()) {
    tell(why, [&] {
      return std::string("no database and no role is asked for, and the account name is not known");
    });
    return Truth::Unknown;
  }
  Truth result = Truth::No;
  for (const NamePattern& pattern : databases_) {
    result = either(result, pattern.matches(situation.database, situation.variables));
  }
  if (why != nullptr && result != Truth::Yes) {
    *why = "database " + quoted(situation.database) + " is not one of: " + listed(databases_);
    if (result == Truth::Unknown) {
      *why = "databases: " + whyUnknown(databases_, situation.variables);
    }
  }
  return result;
}

Rule::Role Rule::roleOutcome(const Situation& situation, std::string* why) const {
  if (source_->effect == Effect::Deny) {
    return {roles_.empty() ? Truth::Yes : askedRoleTruth(situation, why), {}};
  }
  if (!as_ && roles_.empty()) {
    tell(why, [&] { return std::string("the rule names no roles"); });
    return {};
  }
  std::string login(situation.role);
  if (as_) {
    Role failure;
    std::optional<std::string> fixed = fixedLogin(situation, failure, why);
    if (!fixed) {
      return failure;
    }
    login = std::move(*fixed);
  }
  return roles_.empty() ? roleByAsAlone(situation, std::move(login), why)
                        : Role{askedRoleTruth(situation, why), std::move(login)};
}

std::optional<std::string> Rule::fixedLogin(const Situation& situation, Role& failure,
                                            std::string* why) const {
  std::optional<std::string> login = as_->expand(situation.variables);
  if (!login) {
    tell(why, [&] {
      return "as: " + as_->text() +
             " cannot be filled in: " + as_->whyNotExpanded(situation.variables);
    });
    failure.truth = Truth::Unknown;
    return std::nullopt;
  }
  if (!as_->exact() && isNeverRole(*login)) {
    tell(why, [&] {
      return "as: " + as_->text() + " yields " + quoted(*login) +
             ", which is in never_roles: only an exact name may give it";
    });
    failure.truth = Truth::No;
    return std::nullopt;
  }
  return login;
}

Rule::Role Rule::roleByAsAlone(const Situation& situation, std::string login,
                               std::string* why) const {
  const std::string_view asked = situation.request.role;
  const std::string& account = situation.peer.user;
  if (asked.empty() || asked == login || asked == account) {
    return {Truth::Yes, std::move(login)};
  }
  tell(why, [&] {
    return "role " + quoted(asked) + " is not allowed: as: " + as_->text() + " accepts " + login +
           (account.empty()    ? ""
            : account == login ? ""
                               : ", " + account) +
           " or none" + (account.empty() ? "; the account name is not known" : "");
  });
  return {account.empty() ? Truth::Unknown : Truth::No, {}};
}

Truth Rule::askedRoleTruth(const Situation& situation, std::string* why) const {
  if (situation.role.empty()) {
    tell(why,
         [&] { return std::string("no role is asked for, and the account name is not known"); });
    return Truth::Unknown;
  }
  if (situation.role.size() > kMaxNameLength) {
    tell(why, [&] { return "role " + quoted(situation.role) + " has more than 63 bytes"; });
    return truthOf(source_->effect == Effect::Deny);
  }
  // never_roles limits what a pattern can grant, not what it can deny.
  const bool guarded = source_->effect == Effect::Allow && isNeverRole(situation.role);
  Truth result = Truth::No;
  bool shut_out = false;
  for (const NamePattern& pattern : roles_) {
    const Truth truth = pattern.matches(situation.role, situation.variables);
    if (guarded && !pattern.exact()) {
      shut_out = shut_out || truth == Truth::Yes;
      continue;
    }
    result = either(result, truth);
  }
  if (why != nullptr && result == Truth::No) {
    *why = "role " + quoted(situation.role) +
           (shut_out ? " is in never_roles: only an exact name in roles: may give it"
                     : " is not one of: " + listed(roles_));
  } else if (why != nullptr && result == Truth::Unknown) {
    *why = "roles: " + whyUnknown(roles_, situation.variables);
  }
  return result;
}

}  // namespace peerpool::auth
