// Owner, group, mode and access control list as the kernel applies them (acl(5)), and those that
// the configuration gives a socket. Pure: nothing is looked up here.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "auth/identity.h"
#include "auth/name_resolver.h"
#include "config/model.h"

namespace peerpool::auth {

/// One bit of a class of the mode.
enum class Permission : mode_t { Search = 01, Write = 02 };

/// Each ACL entry grants what is asked about.
struct Permissions {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  std::vector<uid_t> acl_users;
  std::vector<gid_t> acl_groups;
};

/// Root always; otherwise the first class that applies decides: an owner or a group without the
/// permission is refused even where others have it.
[[nodiscard]] bool grants(const Permissions& permissions, const Identity& peer, Permission asked);

/// Could somebody get it who is neither root nor the owner?
[[nodiscard]] bool grantsAnyone(const Permissions& permissions, Permission asked) noexcept;

/// "mode 0660, owner uid 0, group gid 1200, acl: user web, group reporting".
[[nodiscard]] std::string describe(const Permissions& permissions,
                                   const std::vector<config::AclEntry>& acl);

/// Adds the entries of `acl`; names must be known to resolve.
void addEntries(const std::vector<config::AclEntry>& acl, NameResolver& names,
                Permissions& permissions);

/// "0660".
[[nodiscard]] std::string modeText(mode_t mode);

/// An account as written.
[[nodiscard]] std::string accountText(const config::AccountName& account);

}  // namespace peerpool::auth
