// The `allow:`, `deny:` or `who:` of a rule: anyone, named identities, or conditions in place.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/peer_matcher.h"

namespace peerpool::auth {

/// Name of an identity to its conditions; nodes stay where they are.
using IdentityMatchers = std::map<std::string, PeerMatcher, std::less<>>;

/// Compiles all of `config.identities`.
[[nodiscard]] IdentityMatchers compileIdentities(const config::Config& config, NameResolver& names);

/// config::Selector, compiled. Immutable; refers to `identities`, which must outlive it.
class PeerSelector {
 public:
  /// Notes names that cannot be resolved, and identities that do not exist, in `names`.
  PeerSelector(const config::Selector& source, const IdentityMatchers& identities,
               NameResolver& names, const std::string& path);

  /// `identity_name` is that of the first named identity that matches; empty when there is none.
  struct Match {
    Truth truth = Truth::No;
    std::string_view identity_name;
  };
  [[nodiscard]] Match matches(const Identity& peer) const noexcept;

  /// Outside of them a known peer never matches.
  [[nodiscard]] UidBounds uids() const noexcept;

  /// In words, for a peer that does not match; empty for Yes.
  [[nodiscard]] std::string whyNot(const Identity& peer) const;

 private:
  bool anyone_ = false;
  std::vector<IdentityMatchers::const_pointer> identities_;
  std::optional<PeerMatcher> matcher_;
};

}  // namespace peerpool::auth
