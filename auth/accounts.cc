// NSS lookups with growing buffers.

#include "auth/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace peerpool::auth {
namespace {

/// Entries larger than this are refused: a group with a hundred thousand members fits.
constexpr std::size_t kLargestEntry = std::size_t{4} * 1024 * 1024;

Error systemError(const char* call, int number) {
  return Error{ErrorCode::System, std::string(call) + ": " +
                                      std::error_code(number, std::generic_category()).message()};
}

/// The *_r(3) functions give these instead of 0 for "no such entry", depending on the NSS module.
bool meansNotFound(int number) { return number == 0 || number == ENOENT || number == ESRCH; }

/// Calls `lookup(entry, buffer, size, found)` with larger and larger buffers.
template <typename Entry, typename Lookup, typename Convert>
auto lookUp(const char* call, Lookup lookup, Convert convert)
    -> Result<std::optional<decltype(convert(std::declval<const Entry&>()))>> {
  using Value = decltype(convert(std::declval<const Entry&>()));
  std::vector<char> buffer(1024);
  while (true) {
    Entry entry{};
    Entry* found = nullptr;
    const int number = lookup(&entry, buffer.data(), buffer.size(), &found);
    if (number == EINTR) {
      continue;
    }
    if (number == ERANGE && buffer.size() < kLargestEntry) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (found != nullptr) {
      return std::optional<Value>(convert(entry));
    }
    if (!meansNotFound(number)) {
      return systemError(call, number);
    }
    return std::optional<Value>();
  }
}

Account toAccount(const passwd& entry) { return {entry.pw_name, entry.pw_uid, entry.pw_gid}; }

}  // namespace

Result<std::optional<std::string>> Accounts::userName(uid_t uid) {
  auto account = userByUid(uid);
  if (!account) {
    return account.error();
  }
  return *account ? std::optional<std::string>(std::move((*account)->name)) : std::nullopt;
}

Result<std::optional<Account>> SystemAccounts::userByName(const std::string& name) {
  return lookUp<passwd>(
      "getpwnam",
      [&](passwd* entry, char* buffer, std::size_t size, passwd** found) {
        return ::getpwnam_r(name.c_str(), entry, buffer, size, found);
      },
      toAccount);
}

Result<std::optional<Account>> SystemAccounts::userByUid(uid_t uid) {
  return lookUp<passwd>(
      "getpwuid",
      [&](passwd* entry, char* buffer, std::size_t size, passwd** found) {
        return ::getpwuid_r(uid, entry, buffer, size, found);
      },
      toAccount);
}

Result<std::optional<gid_t>> SystemAccounts::groupByName(const std::string& name) {
  return lookUp<group>(
      "getgrnam",
      [&](group* entry, char* buffer, std::size_t size, group** found) {
        return ::getgrnam_r(name.c_str(), entry, buffer, size, found);
      },
      [](const group& entry) { return entry.gr_gid; });
}

Result<std::vector<gid_t>> SystemAccounts::groupsOf(const Account& account) {
  int count = 64;
  std::vector<gid_t> groups;
  // getgrouplist(3) says with -1 that the array was too small, and then how much it needs.
  for (int attempt = 0; attempt < 8; ++attempt) {
    groups.resize(static_cast<std::size_t>(count));
    const int result = ::getgrouplist(account.name.c_str(), account.gid, groups.data(), &count);
    if (result >= 0) {
      groups.resize(static_cast<std::size_t>(count));
      return groups;
    }
    if (count <= static_cast<int>(groups.size())) {
      break;
    }
  }
  return Error{ErrorCode::System, "getgrouplist: no list of groups for " + account.name};
}

}  // namespace peerpool::auth
