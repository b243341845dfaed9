// The alternatives of a selector; any of them suffices.

#include "auth/peer_selector.h"

#include <algorithm>

#include "auth/quoted.h"

namespace peerpool::auth {

IdentityMatchers compileIdentities(const config::Config& config, NameResolver& names) {
  IdentityMatchers compiled;
  for (const config::Identity& identity : config.identities) {
    compiled.try_emplace(identity.name, identity.matcher, names, "identities." + identity.name);
  }
  return compiled;
}

PeerSelector::PeerSelector(const config::Selector& source, const IdentityMatchers& identities,
                           NameResolver& names, const std::string& path)
    : anyone_(source.anyone) {
  for (const std::string& name : source.identities) {
    const auto found = identities.find(name);
    if (found != identities.end()) {
      identities_.push_back(&*found);
    } else {
      names.problems().error(source.where, path, "there is no identity named " + quoted(name));
    }
  }
  if (source.matcher) {
    matcher_.emplace(*source.matcher, names, path);
  }
}

PeerSelector::Match PeerSelector::matches(const Identity& peer) const noexcept {
  // A peer without identity gets in only where a rule names it, with `unmapped: true`.
  Match result{anyone_ ? (peer.known ? Truth::Yes : Truth::Unknown) : Truth::No, {}};
  for (const auto* identity : identities_) {
    const Truth truth = identity->second.matches(peer);
    result.truth = either(result.truth, truth);
    if (truth == Truth::Yes) {
      result.identity_name = identity->first;
      break;
    }
  }
  if (matcher_) {
    result.truth = either(result.truth, matcher_->matches(peer));
  }
  return result;
}

UidBounds PeerSelector::uids() const noexcept {
  if (anyone_) {
    return {};
  }
  UidBounds bounds{kNoUid, 0};
  const auto widen = [&bounds](const UidBounds& more) {
    bounds.first = std::min(bounds.first, more.first);
    bounds.last = std::max(bounds.last, more.last);
  };
  for (const auto* identity : identities_) {
    widen(identity->second.uids());
  }
  if (matcher_) {
    widen(matcher_->uids());
  }
  return bounds;
}

std::string PeerSelector::whyNot(const Identity& peer) const {
  const Truth result = matches(peer).truth;
  if (result == Truth::Yes) {
    return {};
  }
  if (result == Truth::Unknown && anyone_) {
    return "anyone does not include a peer that the kernel cannot name";
  }
  std::string reasons;
  const auto add = [&](const std::string& reason) {
    reasons += (reasons.empty() ? "" : "; ") + reason;
  };
  for (const auto* identity : identities_) {
    if (identity->second.matches(peer) == result) {
      add("not identity " + identity->first + ": " + identity->second.whyNot(peer));
    }
  }
  if (matcher_ && matcher_->matches(peer) == result) {
    add(matcher_->whyNot(peer));
  }
  return reasons.empty() ? "the rule names nobody" : reasons;
}

}  // namespace peerpool::auth
