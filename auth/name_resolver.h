// Accounts and programs as the configuration writes them to what the kernel knows them by, with
// every failure noted, so that one run shows all of them.

#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/executable_files.h"
#include "auth/identity.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Asks for each name once. May block. All arguments must outlive it.
class NameResolver {
 public:
  NameResolver(Accounts& accounts, const FileFacts& files, config::Diagnostics& problems)
      : accounts_(accounts), problems_(problems), executables_(files, problems) {}

  /// The number, or no value after an error with `path` and the name's place was noted.
  [[nodiscard]] std::optional<uid_t> uid(const config::AccountName& user, const std::string& path);
  [[nodiscard]] std::optional<gid_t> gid(const config::AccountName& group, const std::string& path);

  /// See ExecutableFiles::resolve().
  [[nodiscard]] std::optional<FileId> executable(const config::TextPattern& path,
                                                 const std::string& key) {
    return executables_.resolve(path, key);
  }

  /// For mistakes that are found on the way.
  [[nodiscard]] config::Diagnostics& problems() noexcept { return problems_; }

 private:
  Accounts& accounts_;
  config::Diagnostics& problems_;
  ExecutableFiles executables_;
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
