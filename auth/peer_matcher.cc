// Compiling, judging and describing conditions; the three must agree.

#include "auth/peer_matcher.h"

#include <algorithm>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

std::string rangeText(const config::IdRange& range) {
  return range.first == range.last ? std::to_string(range.first)
                                   : std::to_string(range.first) + '-' + std::to_string(range.last);
}

std::string unmappedText(bool wanted) { return wanted ? "unmapped" : "not unmapped"; }

std::vector<std::optional<FileId>> executables(const config::ProcessMatcher& source,
                                               NameResolver& names, const std::string& path) {
  std::vector<std::optional<FileId>> files;
  for (const config::TextPattern& executable : source.executables) {
    files.push_back(names.executable(executable, path + ".exe"));
  }
  return files;
}

}  // namespace

std::string describePeer(const Identity& peer) {
  if (!peer.known) {
    return "a peer that the kernel cannot name";
  }
  return "uid " + std::to_string(peer.uid) +
         (peer.user.empty() ? std::string() : " (" + peer.user + ")");
}

PeerMatcher::PeerMatcher(const config::Matcher& source, NameResolver& names,
                         const std::string& path)
    : process_(source.process, executables(source.process, names, path)),
      unmapped_(source.unmapped) {
  addNames(Kind::User, source.users, names, path + ".user");
  addRanges(Kind::User, source.uids);
  addNames(Kind::Group, source.groups, names, path + ".group");
  addRanges(Kind::Group, source.gids);
  for (std::size_t i = 0; i < source.any.size(); ++i) {
    any_.emplace_back(source.any[i], names, path + ".any[" + std::to_string(i) + ']');
  }
  for (const config::Matcher& excluded : source.not_all_of) {
    not_all_of_.emplace_back(excluded, names, path + ".not");
  }
  asks_process_ = !process_.empty();
  empty_ =
      conditions_.empty() && !asks_process_ && !unmapped_ && any_.empty() && not_all_of_.empty();
}

void PeerMatcher::addNames(Kind kind, const std::vector<config::AccountName>& accounts,
                           NameResolver& names, const std::string& path) {
  if (accounts.empty()) {
    return;
  }
  Condition condition{kind, true, {}};
  for (const config::AccountName& account : accounts) {
    const bool user = kind == Kind::User;
    const auto id = user ? names.uid(account, path) : names.gid(account, path);
    if (id) {
      const std::string number = std::to_string(*id);
      const std::string named = account.name + (user ? " (uid " : " (gid ") + number + ')';
      condition.entries.push_back({*id, *id, account.number ? number : named});
    }
  }
  conditions_.push_back(std::move(condition));
}

void PeerMatcher::addRanges(Kind kind, const std::vector<config::IdRange>& ranges) {
  if (ranges.empty()) {
    return;
  }
  Condition condition{kind, false, {}};
  for (const config::IdRange& range : ranges) {
    condition.entries.push_back({range.first, range.last, rangeText(range)});
  }
  conditions_.push_back(std::move(condition));
}

Truth PeerMatcher::holds(const Condition& condition, const Identity& peer) noexcept {
  if (!peer.known) {
    return Truth::Unknown;
  }
  const auto contains = [&](std::uint32_t id) {
    return std::any_of(condition.entries.begin(), condition.entries.end(),
                       [&](const Ids& ids) { return ids.first <= id && id <= ids.last; });
  };
  if (condition.kind == Kind::User) {
    return truthOf(contains(peer.uid));
  }
  return truthOf(contains(peer.gid) ||
                 std::any_of(peer.groups.begin(), peer.groups.end(), contains));
}

UidBounds PeerMatcher::uids() const noexcept {
  UidBounds bounds;
  for (const Condition& condition : conditions_) {
    if (condition.kind != Kind::User || condition.entries.empty()) {
      continue;
    }
    UidBounds named{kNoUid, 0};
    for (const Ids& ids : condition.entries) {
      named.first = std::min(named.first, ids.first);
      named.last = std::max(named.last, ids.last);
    }
    bounds.first = std::max(bounds.first, named.first);
    bounds.last = std::min(bounds.last, named.last);
  }
  return bounds;
}

Truth PeerMatcher::holdsAny(const Identity& peer) const noexcept {
  Truth result = any_.empty() ? Truth::Yes : Truth::No;
  for (const PeerMatcher& alternative : any_) {
    result = either(result, alternative.matches(peer));
  }
  return result;
}

Truth PeerMatcher::matches(const Identity& peer) const noexcept {
  // Without any condition it is like `anyone`, which names no peer that has no identity.
  Truth result = empty_ && !peer.known ? Truth::Unknown : Truth::Yes;
  for (const Condition& condition : conditions_) {
    result = both(result, holds(condition, peer));
    if (result == Truth::No) {
      return result;  // The fate of most rules, for most peers.
    }
  }
  if (asks_process_) {
    result = both(result, peer.known ? process_.matches(peer) : Truth::Unknown);
  }
  if (unmapped_) {
    result = both(result, truthOf(*unmapped_ != peer.known));
  }
  result = both(result, holdsAny(peer));
  for (const PeerMatcher& excluded : not_all_of_) {
    result = both(result, negate(excluded.matches(peer)));
  }
  return result;
}

std::string PeerMatcher::list(const Condition& condition) {
  std::vector<std::string> labels;
  for (const Ids& ids : condition.entries) {
    labels.push_back(ids.label);
  }
  return joined(labels);
}

std::string PeerMatcher::describe(const Condition& condition) {
  const bool user = condition.kind == Kind::User;
  if (!condition.named) {
    return (user ? "uid " : "gid ") + list(condition);
  }
  return (user ? "user " : "group ") + list(condition);
}

std::string PeerMatcher::describe() const {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : " and ") + text; };
  for (const Condition& condition : conditions_) {
    add(describe(condition));
  }
  for (const std::string& condition : process_.describe()) {
    add(condition);
  }
  if (unmapped_) {
    add(unmappedText(*unmapped_));
  }
  std::vector<std::string> alternatives;
  for (const PeerMatcher& alternative : any_) {
    alternatives.push_back(alternative.describe());
  }
  if (!alternatives.empty()) {
    add("any of (" + joined(alternatives) + ')');
  }
  for (const PeerMatcher& excluded : not_all_of_) {
    add("not (" + excluded.describe() + ')');
  }
  return out.empty() ? "anyone" : out;
}

std::string PeerMatcher::whyNot(const Condition& condition, const Identity& peer) {
  const std::string uid = "uid " + std::to_string(peer.uid);
  const bool one = condition.entries.size() == 1;
  if (condition.kind == Kind::User) {
    const bool named_one = one && condition.named;
    return uid +
           (named_one ? " is not user "
            : one     ? " is not in "
                      : " is not one of: ") +
           list(condition);
  }
  if (condition.named) {
    return uid + (one ? " is not in group " : " is in none of the groups: ") + list(condition);
  }
  return uid + " has no group in " + list(condition);
}

/// Of a peer with known ids: something about its process is not known.
std::string PeerMatcher::whyUnknown(const Identity& peer) const {
  if (process_.matches(peer) == Truth::Unknown) {
    return process_.whyNot(peer);
  }
  if (holdsAny(peer) == Truth::Unknown) {
    for (const PeerMatcher& alternative : any_) {
      if (alternative.matches(peer) == Truth::Unknown) {
        return alternative.whyUnknown(peer);
      }
    }
  }
  for (const PeerMatcher& excluded : not_all_of_) {
    if (excluded.matches(peer) == Truth::Unknown) {
      return excluded.whyUnknown(peer);
    }
  }
  return {};
}

std::string PeerMatcher::whyNot(const Identity& peer) const {
  const Truth result = matches(peer);
  if (result == Truth::Yes) {
    return {};
  }
  if (result == Truth::Unknown) {
    return peer.known ? whyUnknown(peer)
                      : "the kernel cannot name the peer, so this is unknown: " + describe();
  }
  for (const Condition& condition : conditions_) {
    if (holds(condition, peer) == Truth::No) {
      return whyNot(condition, peer);
    }
  }
  if (peer.known && process_.matches(peer) == Truth::No) {
    return process_.whyNot(peer);
  }
  if (unmapped_ && *unmapped_ == peer.known) {
    return peer.known ? "the kernel can name the peer: " + describePeer(peer)
                      : "the kernel cannot name the peer";
  }
  if (holdsAny(peer) == Truth::No) {
    std::string reasons;
    for (const PeerMatcher& alternative : any_) {
      reasons += (reasons.empty() ? "" : "; ") + alternative.whyNot(peer);
    }
    return "none of any: holds: " + reasons;
  }
  for (const PeerMatcher& excluded : not_all_of_) {
    if (excluded.matches(peer) == Truth::Yes) {
      return describePeer(peer) + " is excluded by not: " + excluded.describe();
    }
  }
  return {};
}

}  // namespace peerpool::auth
