// Which rules are worth judging for a peer at a listener. Most rules are about somebody else, and
// that shows in its uid alone.

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/rule.h"

namespace peerpool::auth {

/// Immutable; refers to the rules, which must outlive it and stay where they are.
class RuleIndex {
 public:
  struct Entry {
    UidBounds uids;
    const Rule* rule = nullptr;
    bool guards = false;  ///< Of never: or of the listener: decides whatever is asked for.

    /// False: it is certain that the rule is not about `peer`.
    [[nodiscard]] bool concerns(const Identity& peer) const noexcept {
      return !peer.known || (uids.first <= peer.uid && peer.uid <= uids.last);
    }
  };

  /// In the order in which rules are asked.
  void add(const std::vector<Rule>& rules, const std::set<std::string>& listeners, bool guards);

  /// For a listener that was not added: the rules that apply to all.
  [[nodiscard]] const std::vector<Entry>& of(std::string_view listener) const noexcept;

 private:
  std::map<std::string, std::vector<Entry>, std::less<>> entries_;
  std::vector<Entry> elsewhere_;  // Of rules that name no listener.
};

}  // namespace peerpool::auth
