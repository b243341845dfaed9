// Whom a policy lets into a database: found out by asking it about all that it names.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/policy.h"

namespace peerpool::server {

/// One way in, and who may go it.
struct WayIn {
  std::string way;   ///< `through listener pg as role "rw" by rule "dba" (p.yaml:7:5)`
  std::string whom;  ///< "alice, somebody in group dba"
  std::vector<std::string> conditions;  ///< Lines: what the rule asks and limits.
};

struct WhoCan {
  std::vector<WayIn> ways;  ///< In the order of the rules.
  std::size_t questions = 0;
  bool cut = false;  ///< Not all questions were asked.
};

struct WhoCanQuestion {
  std::string database;
  std::string role;      ///< That they become; empty: any.
  std::string listener;  ///< Empty: any.
};

/// `listed` are the accounts of which members of groups are taken. At most `most` questions.
[[nodiscard]] WhoCan whoCan(const auth::Policy& policy, const WhoCanQuestion& question,
                            auth::Accounts& accounts, const std::vector<auth::Account>& listed,
                            std::size_t most);

}  // namespace peerpool::server
