// One rule of the policy, compiled: does it hold for a peer and a request, and what does it grant?

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/name_pattern.h"
#include "auth/peer_selector.h"
#include "auth/policy.h"
#include "auth/schedule.h"

namespace peerpool::auth {

/// Immutable; refers to its source and to the identities, which must outlive it.
class Rule {
 public:
  /// `path` is the rule's key, as "rules[2]". Notes what it finds wrong in `names`.
  Rule(const config::PolicyRule& source, const std::vector<std::string>& never_roles,
       const IdentityMatchers& identities, NameResolver& names, TimeZones& zones,
       const std::string& path);

  [[nodiscard]] const config::PolicyRule& source() const noexcept { return *source_; }

  /// Those of never: apply to all.
  [[nodiscard]] bool appliesTo(std::string_view listener) const noexcept;

  [[nodiscard]] Truth matchesPeer(const Identity& peer) const noexcept {
    return who_.matches(peer).truth;
  }

  /// Outside of them it is not about a known peer.
  [[nodiscard]] UidBounds uids() const noexcept { return who_.uids(); }

  /// No database, no role and no time can change what it says.
  [[nodiscard]] bool unconditional() const noexcept {
    return databases_.empty() && roles_.empty() && schedule_.always();
  }
  [[nodiscard]] const Schedule& schedule() const noexcept { return schedule_; }

  /// `login_role` and `database` are meaningful for an allow that is Yes.
  struct Outcome {
    Truth truth = Truth::No;
    std::string login_role;
    std::string database;  ///< Name at the backend.
    std::string identity;  ///< Name of the identity that matched; often empty.
  };
  /// When `why` is not null, it receives the first condition that makes the outcome what it is.
  [[nodiscard]] Outcome evaluate(const Identity& peer, const Request& request,
                                 std::string* why = nullptr) const;

  /// Unknown counts against the peer: an allow must be Yes, a deny only not No.
  [[nodiscard]] bool decidesWith(Truth truth) const noexcept {
    return source_->effect == config::Effect::Allow ? truth == Truth::Yes : truth != Truth::No;
  }

  [[nodiscard]] std::string whyNotPeer(const Identity& peer) const { return who_.whyNot(peer); }

 private:
  /// What a condition is judged by. The views belong to the identity, the request and the rule.
  struct Situation {
    const Identity& peer;
    const Request& request;
    Variables variables;
    std::string_view role;      // Asked for, or by default the account's name; empty: not known.
    std::string_view database;  // Asked for or by default; empty: not known.
  };
  struct Role {
    Truth truth = Truth::No;
    std::string login;
  };
  [[nodiscard]] Truth databaseTruth(const Situation& situation, std::string* why) const;
  [[nodiscard]] Role roleOutcome(const Situation& situation, std::string* why) const;
  [[nodiscard]] Role roleByAsAlone(const Situation& situation, std::string login,
                                   std::string* why) const;
  [[nodiscard]] Truth askedRoleTruth(const Situation& situation, std::string* why) const;
  [[nodiscard]] std::optional<std::string> fixedLogin(const Situation& situation, Role& failure,
                                                      std::string* why) const;
  [[nodiscard]] bool isNeverRole(std::string_view role) const;

  const config::PolicyRule* source_;
  PeerSelector who_;
  Schedule schedule_;
  std::vector<NamePattern> databases_;
  std::vector<NamePattern> roles_;
  std::vector<NamePattern> never_roles_;  // Of the configuration and of the rule.
  std::optional<NamePattern> as_;
};

}  // namespace peerpool::auth
