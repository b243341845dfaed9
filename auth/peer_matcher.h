// Conditions on a peer, with all names resolved.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/identity.h"
#include "auth/name_resolver.h"
#include "auth/process_matcher.h"
#include "auth/truth.h"
#include "config/model.h"

namespace peerpool::auth {

/// "uid 1001 (alice)", or that the kernel cannot name it.
[[nodiscard]] std::string describePeer(const Identity& peer);

/// Numbers between which a known peer's uid must lie for something to be about it.
struct UidBounds {
  uid_t first = 0;
  uid_t last = kNoUid;
};

/// config::Matcher, compiled. Immutable. Of a peer that the kernel cannot name, every condition but
/// `unmapped:` is unknown.
class PeerMatcher {
 public:
  /// `path` is the matcher's key. Names that cannot be resolved are noted in `names`; the matcher
  /// is then not to be used.
  PeerMatcher(const config::Matcher& source, NameResolver& names, const std::string& path);

  [[nodiscard]] Truth matches(const Identity& peer) const noexcept;
  /// Outside of them a known peer never matches.
  [[nodiscard]] UidBounds uids() const noexcept;

  /// The first condition that makes matches() what it is, in words; empty for Yes.
  [[nodiscard]] std::string whyNot(const Identity& peer) const;

  /// The conditions as text: "user alice (uid 1000) and group dba (gid 1200)".
  [[nodiscard]] std::string describe() const;

 private:
  enum class Kind : std::uint8_t { User, Group };
  struct Ids {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string label;  // "alice (uid 1000)", "20000-20099"
  };
  /// One key of the matcher; any of its entries suffices.
  struct Condition {
    Kind kind = Kind::User;
    bool named = false;  // user: or group:, not uid: or gid:
    std::vector<Ids> entries;
  };

  void addNames(Kind kind, const std::vector<config::AccountName>& accounts, NameResolver& names,
                const std::string& path);
  void addRanges(Kind kind, const std::vector<config::IdRange>& ranges);
  [[nodiscard]] static Truth holds(const Condition& condition, const Identity& peer) noexcept;
  [[nodiscard]] static std::string list(const Condition& condition);
  [[nodiscard]] static std::string describe(const Condition& condition);
  [[nodiscard]] static std::string whyNot(const Condition& condition, const Identity& peer);
  [[nodiscard]] std::string whyUnknown(const Identity& peer) const;
  [[nodiscard]] Truth holdsAny(const Identity& peer) const noexcept;

  std::vector<Condition> conditions_;
  ProcessMatcher process_;
  std::optional<bool> unmapped_;
  std::vector<PeerMatcher> any_;
  std::vector<PeerMatcher> not_all_of_;
  bool asks_process_ = false;
  bool empty_ = false;  // There is no condition at all.
};

}  // namespace peerpool::auth
