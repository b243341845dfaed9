// Account and group names to numbers and back. "There is none" and "could not find out" are
// different answers: the first is a mistake of the operator, the second may go away.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "proxy/base/result.h"

namespace peerpool::auth {

/// One line of passwd(5), as far as we need it.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;  ///< Primary group.
};

/// Every lookup may block for as long as a directory service takes: never on a worker or the main
/// thread once it serves. No value: there is no such name or number. Error (System): the lookup
/// failed, nothing is known. Implementations may be called from any thread.
class Accounts {
 public:
  virtual ~Accounts() = default;
  [[nodiscard]] virtual Result<std::optional<Account>> userByName(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::optional<Account>> userByUid(uid_t uid) = 0;
  [[nodiscard]] virtual Result<std::optional<gid_t>> groupByName(const std::string& name) = 0;
  /// All groups of an account, the primary one included.
  [[nodiscard]] virtual Result<std::vector<gid_t>> groupsOf(const Account& account) = 0;

  /// The account's name, for Identity::user.
  [[nodiscard]] Result<std::optional<std::string>> userName(uid_t uid);
};

/// The system's databases through NSS (getpwnam_r(3), getpwuid_r(3), getgrnam_r(3),
/// getgrouplist(3)).
class SystemAccounts final : public Accounts {
 public:
  [[nodiscard]] Result<std::optional<Account>> userByName(const std::string& name) override;
  [[nodiscard]] Result<std::optional<Account>> userByUid(uid_t uid) override;
  [[nodiscard]] Result<std::optional<gid_t>> groupByName(const std::string& name) override;
  [[nodiscard]] Result<std::vector<gid_t>> groupsOf(const Account& account) override;
};

}  // namespace peerpool::auth
