// Who may do what under one policy and not under another: found out by asking both the same
// questions. Pure, but for the accounts that the questions are made of.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/policy.h"

namespace peerpool::server {

inline constexpr std::size_t kMostQuestions = 1'000'000;

struct PolicyDifference {
  /// In words. "+ WHO may ...": under the new one only; "- ...": under the old one only; "~ ...":
  /// under both, but otherwise. Peers to whom the same happens share a line.
  std::vector<std::string> lines;
  std::size_t questions = 0;
  std::size_t peers = 0;
  bool cut = false;  ///< Not all questions were asked.
};

/// `listed` are the accounts of which members of groups are taken. Each policy is asked at most
/// `most` questions.
[[nodiscard]] PolicyDifference comparePolicies(const auth::Policy& before,
                                               const auth::Policy& after, auth::Accounts& accounts,
                                               const std::vector<auth::Account>& listed,
                                               std::size_t most = kMostQuestions);

}  // namespace peerpool::server
