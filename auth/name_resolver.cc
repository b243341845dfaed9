// Lookups, each once, and what went wrong with them.

#include "auth/name_resolver.h"

#include <utility>

#include "auth/peer.h"
#include "auth/process_facts.h"
#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

std::string problemOf(const char* kind, const std::string& name, const Error* error) {
  return error == nullptr
             ? "there is no " + std::string(kind) + " named " + quoted(name)
             : "could not look up " + std::string(kind) + ' ' + quoted(name) + ": " + error->text;
}

Error lookupError(const char* kind, const std::string& name, const Error* error) {
  return Error{ErrorCode::System, problemOf(kind, name, error)};
}

Result<Account> accountOf(Accounts& accounts, const config::AccountName& user) {
  auto found = user.number ? accounts.userByUid(*user.number) : accounts.userByName(user.name);
  const std::string name = user.number ? std::to_string(*user.number) : user.name;
  if (!found) {
    return lookupError("user", name, &found.error());
  }
  if (*found) {
    return std::move(**found);
  }
  if (user.number) {
    return Account{"", *user.number, kNoGid};
  }
  return lookupError("user", name, nullptr);
}

}  // namespace

std::optional<uid_t> NameResolver::uid(const config::AccountName& user, const std::string& path) {
  if (user.number) {
    return *user.number;
  }
  auto known = users_.find(user.name);
  if (known == users_.end()) {
    known = users_.emplace(user.name, accounts_.userByName(user.name)).first;
  }
  const Result<std::optional<Account>>& found = known->second;
  if (found && *found) {
    return (*found)->uid;
  }
  problems_.error(user.where, path, problemOf("user", user.name, found ? nullptr : &found.error()),
                  found ? "`getent passwd` lists the accounts of this machine" : "");
  return std::nullopt;
}

std::optional<gid_t> NameResolver::gid(const config::AccountName& group, const std::string& path) {
  if (group.number) {
    return *group.number;
  }
  auto known = groups_.find(group.name);
  if (known == groups_.end()) {
    known = groups_.emplace(group.name, accounts_.groupByName(group.name)).first;
  }
  const Result<std::optional<gid_t>>& found = known->second;
  if (found && *found) {
    return **found;
  }
  problems_.error(group.where, path,
                  problemOf("group", group.name, found ? nullptr : &found.error()),
                  found ? "`getent group` lists the groups of this machine" : "");
  return std::nullopt;
}

Result<Identity> imaginedPeer(Accounts& accounts, const config::AccountName& user,
                              const std::optional<std::vector<config::AccountName>>& groups) {
  auto account = accountOf(accounts, user);
  if (!account) {
    return account.error();
  }
  Identity peer;
  peer.known = account->uid != OverflowIds{}.uid && account->uid != kNoUid;
  peer.uid = account->uid;
  peer.gid = account->gid;
  peer.user = account->name;
  peer.process = imaginedProcess();
  if (!groups) {
    if (!account->name.empty()) {
      auto own = accounts.groupsOf(*account);
      if (!own) {
        return own.error();
      }
      peer.groups = std::move(*own);
    }
    return peer;
  }
  for (const config::AccountName& group : *groups) {
    if (group.number) {
      peer.groups.push_back(*group.number);
      continue;
    }
    auto found = accounts.groupByName(group.name);
    if (!found || !*found) {
      return lookupError("group", group.name, found ? nullptr : &found.error());
    }
    peer.groups.push_back(**found);
  }
  return peer;
}

}  // namespace peerpool::auth
