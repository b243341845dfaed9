#include "proxy/server/account_list.h"

#include <pwd.h>

namespace peerpool::server {

std::vector<auth::Account> listedAccounts(std::size_t most) {
  std::vector<auth::Account> accounts;
  std::vector<char> buffer(std::size_t{64} << 10);
  ::setpwent();
  passwd entry{};
  passwd* found = nullptr;
  // An entry that does not fit ends the list like its end does.
  while (accounts.size() < most &&
         ::getpwent_r(&entry, buffer.data(), buffer.size(), &found) == 0) {
    accounts.push_back({entry.pw_name, entry.pw_uid, entry.pw_gid});
  }
  ::endpwent();
  return accounts;
}

}  // namespace peerpool::server
