// The access check of acl(5), reduced to what a socket and its directories need.

#include "auth/permissions.h"

#include <algorithm>

#include "auth/quoted.h"

namespace peerpool::auth {

bool grants(const Permissions& permissions, const Identity& peer, Permission asked) {
  const auto bit = static_cast<mode_t>(asked);
  if (peer.uid == 0) {
    return true;
  }
  if (peer.uid == permissions.owner) {
    return (permissions.mode & (bit << 6)) != 0;
  }
  const auto& users = permissions.acl_users;
  if (std::find(users.begin(), users.end(), peer.uid) != users.end()) {
    return true;
  }
  const bool by_acl = std::any_of(permissions.acl_groups.begin(), permissions.acl_groups.end(),
                                  [&](gid_t group) { return peer.inGroup(group); });
  if (by_acl) {
    return true;
  }
  return (permissions.mode & (peer.inGroup(permissions.group) ? bit << 3 : bit)) != 0;
}

bool grantsAnyone(const Permissions& permissions, Permission asked) noexcept {
  const auto bit = static_cast<mode_t>(asked);
  return (permissions.mode & (bit | bit << 3)) != 0 || !permissions.acl_users.empty() ||
         !permissions.acl_groups.empty();
}

std::string describe(const Permissions& permissions, const std::vector<config::AclEntry>& acl) {
  std::vector<std::string> entries;
  entries.reserve(acl.size());
  for (const config::AclEntry& entry : acl) {
    entries.push_back((entry.is_group ? "group " : "user ") + accountText(entry.account));
  }
  return "mode " + modeText(permissions.mode) + ", owner uid " + std::to_string(permissions.owner) +
         ", group gid " + std::to_string(permissions.group) +
         (entries.empty() ? ", no acl" : ", acl: " + joined(entries));
}

void addEntries(const std::vector<config::AclEntry>& acl, NameResolver& names,
                Permissions& permissions) {
  for (const config::AclEntry& entry : acl) {
    if (entry.is_group) {
      if (const auto gid = names.gid(entry.account, "acl")) {
        permissions.acl_groups.push_back(*gid);
      }
    } else if (const auto uid = names.uid(entry.account, "acl")) {
      permissions.acl_users.push_back(*uid);
    }
  }
}

std::string modeText(mode_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) {
    out += static_cast<char>('0' + ((mode >> shift) & 07));
  }
  return out;
}

std::string accountText(const config::AccountName& account) {
  return account.number ? std::to_string(*account.number) : account.name;
}

}  // namespace peerpool::auth
