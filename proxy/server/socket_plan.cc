// Field by field.

#include "proxy/server/socket_plan.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace peerpool::server {
namespace {

[[noreturn]] void unresolved(const char* kind, const config::AccountName& account,
                             const std::string& why) {
  throw std::runtime_error(config::describe(account.where) + ": " + kind + " " + account.name +
                           ": " + why);
}

uid_t userNumber(const config::AccountName& account, auth::Accounts& accounts) {
  if (account.number) {
    return *account.number;
  }
  const auto found = accounts.userByName(account.name);
  if (!found || !*found) {
    unresolved("user", account, found ? "there is none" : found.error().text);
  }
  return (*found)->uid;
}

gid_t groupNumber(const config::AccountName& account, auth::Accounts& accounts) {
  if (account.number) {
    return *account.number;
  }
  const auto found = accounts.groupByName(account.name);
  if (!found || !*found) {
    unresolved("group", account, found ? "there is none" : found.error().text);
  }
  return **found;
}

std::vector<net::AclEntry> aclEntries(const std::vector<config::AclEntry>& acl,
                                      auth::Accounts& accounts) {
  std::vector<net::AclEntry> entries;
  for (const config::AclEntry& entry : acl) {
    const id_t id =
        entry.is_group ? groupNumber(entry.account, accounts) : userNumber(entry.account, accounts);
    entries.push_back({id, entry.is_group});
  }
  return entries;
}

}  // namespace

net::SocketFileOptions socketFileOptions(const config::Listener& listener,
                                         auth::Accounts& accounts) {
  net::SocketFileOptions options;
  options.path = listener.path;
  if (listener.owner) {
    options.access.owner = userNumber(*listener.owner, accounts);
  }
  if (listener.group) {
    options.access.group = groupNumber(*listener.group, accounts);
  }
  options.access.mode = listener.mode;
  options.access.acl = aclEntries(listener.acl, accounts);
  return options;
}

net::DirectoryOptions directoryOptions(const config::Directory& directory,
                                       auth::Accounts& accounts) {
  net::DirectoryOptions options;
  options.path = directory.path;
  options.mode = directory.mode;
  if (directory.owner) {
    options.owner = userNumber(*directory.owner, accounts);
  }
  if (directory.group) {
    options.group = groupNumber(*directory.group, accounts);
  }
  return options;
}

std::vector<net::AclEntry> searchersOf(const config::Directory& directory,
                                       const config::Config& config, auth::Accounts& accounts) {
  std::vector<net::AclEntry> searchers;
  if (!directory.create) {
    return searchers;
  }
  const auto normal = [](const std::string& path) {
    return (std::filesystem::path(path) / "").lexically_normal();
  };
  for (const config::Listener& listener : config.listeners) {
    const std::string parent = std::filesystem::path(listener.path).parent_path().string();
    if (normal(parent) == normal(directory.path)) {
      const std::vector<net::AclEntry> entries = aclEntries(listener.acl, accounts);
      searchers.insert(searchers.end(), entries.begin(), entries.end());
    }
  }
  std::sort(searchers.begin(), searchers.end());
  searchers.erase(std::unique(searchers.begin(), searchers.end()), searchers.end());
  return searchers;
}

std::vector<DirectoryPlan> directoryPlans(const config::Config& config, auth::Accounts& accounts) {
  std::vector<DirectoryPlan> plans;
  for (const config::Directory& directory : config.directories) {
    if (directory.create) {
      plans.push_back(
          {directoryOptions(directory, accounts), searchersOf(directory, config, accounts)});
    }
  }
  return plans;
}

std::vector<DoorPlan> doorPlans(const config::Config& config, auth::Accounts& accounts) {
  std::vector<DoorPlan> plans;
  for (const config::Listener& listener : config.listeners) {
    plans.push_back({listener.name, socketFileOptions(listener, accounts), listener.repair});
  }
  return plans;
}

}  // namespace peerpool::server
