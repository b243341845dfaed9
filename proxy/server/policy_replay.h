// Recorded decisions, made anew under another policy: whose answer changes? Pure, but for the
// accounts of which the log does not tell the groups.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/accounts.h"
#include "auth/policy.h"
#include "proxy/server/audit_record.h"

namespace peerpool::server {

/// The peer of `record` with the groups that its account has now, since the log has none.
[[nodiscard]] auth::Identity recordedPeer(const AuditRecord& record, auth::Accounts& accounts);

/// Peers to whom the same happened and would happen.
struct ReplayGroup {
  std::uint64_t count = 0;
  std::string reference;  ///< Of the first of them.
};

class PolicyReplay {
 public:
  static constexpr std::size_t kMostGroups = 10'000;
  static constexpr std::size_t kMostBroken = 20;

  /// Both must outlive it. May block on `accounts`, for each uid once in a while.
  PolicyReplay(const auth::Policy& policy, auth::Accounts& accounts)
      : policy_(policy), accounts_(accounts) {}

  /// One line of `file`.
  void read(std::string_view line, const std::string& file, std::uint64_t number);

  /// What changed, in words, by words.
  [[nodiscard]] const std::map<std::string, ReplayGroup>& changed() const noexcept {
    return changed_;
  }
  /// "FILE:LINE: why", the first of them.
  [[nodiscard]] const std::vector<std::string>& broken() const noexcept { return broken_; }

  struct Counts {
    std::uint64_t decided = 0;     ///< Lines that were decided anew, storms for all they stand for.
    std::uint64_t changed = 0;     ///< Of them.
    std::uint64_t other_rule = 0;  ///< The same answer by another rule.
    std::uint64_t refused = 0;     ///< Denied for reasons that are not the policy's: not decided.
    std::uint64_t unlisted = 0;    ///< Changed, but in no group: there are kMostGroups.
    std::uint64_t broken = 0;
  };
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  void decide(const AuditRecord& record);
  [[nodiscard]] const auth::Identity& groupsOf(const AuditRecord& record);

  const auth::Policy& policy_;
  auth::Accounts& accounts_;
  std::map<std::string, ReplayGroup> changed_;
  std::vector<std::string> broken_;
  Counts counts_;
  std::map<uid_t, auth::Identity> known_;  // Looked up; at most kMostGroups.
};

}  // namespace peerpool::server
