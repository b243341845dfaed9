// Accounts as the configuration writes them to numbers, with every failure noted, so that one run
// shows all of them.

#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/identity.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Asks for each name once. May block. `accounts` and `problems` must outlive it.
class NameResolver {
 public:
  NameResolver(Accounts& accounts, config::Diagnostics& problems)
      : accounts_(accounts), problems_(problems) {}

  /// The number, or no value after an error with `path` and the name's place was noted.
  [[nodiscard]] std::optional<uid_t> uid(const config::AccountName& user, const std::string& path);
  [[nodiscard]] std::optional<gid_t> gid(const config::AccountName& group, const std::string& path);

  /// For mistakes that are found on the way.
  [[nodiscard]] config::Diagnostics& problems() noexcept { return problems_; }

 private:
  Accounts& accounts_;
  config::Diagnostics& problems_;
  std::map<std::string, Result<std::optional<Account>>> users_;
  std::map<std::string, Result<std::optional<gid_t>>> groups_;
};

/// The peer that a process of `user` would be. Its supplementary groups are `groups`, or without
/// them those of the account. A uid without an account has no name and no group but `groups`. For
/// explain and policy tests; may block. Error (System) names the account.
[[nodiscard]] Result<Identity> imaginedPeer(
    Accounts& accounts, const config::AccountName& user,
    const std::optional<std::vector<config::AccountName>>& groups);

}  // namespace peerpool::auth
