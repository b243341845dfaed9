// Credentials per thread. The wrappers of libc would change all threads; the system calls change
// one.

#include "tests/support/credentials.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <system_error>

namespace peerpool::testing {
namespace {

constexpr long kKeep = -1;

void require(long result, const char* call) {
  if (result != 0) {
    throw std::system_error(errno, std::generic_category(), call);
  }
}

}  // namespace

std::optional<Credentials> accountCredentials(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return Credentials{found->pw_uid, found->pw_gid, {}};
}

bool canSwitchUser() noexcept { return ::geteuid() == 0; }

bool skipWithoutRoot() {
  return !canSwitchUser() && skipBecause("needs root to become other users");
}

bool skipBecause(const std::string& reason) {
  std::cout << "SKIPPED: " << reason << std::endl;
  return true;
}

ScopedCredentials::ScopedCredentials(const std::optional<Credentials>& credentials) {
  if (!credentials) {
    return;
  }
  const int count = ::getgroups(0, nullptr);
  saved_groups_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  saved_groups_.resize(static_cast<std::size_t>(::getgroups(count, saved_groups_.data())));
  require(::syscall(SYS_setgroups, credentials->groups.size(), credentials->groups.data()),
          "setgroups");
  changed_ = true;
  require(::syscall(SYS_setresgid, kKeep, credentials->gid, kKeep), "setresgid");
  require(::syscall(SYS_setresuid, kKeep, credentials->uid, kKeep), "setresuid");
}

ScopedCredentials::~ScopedCredentials() {
  if (!changed_) {
    return;
  }
  if (::syscall(SYS_setresuid, kKeep, ::getuid(), kKeep) != 0 ||
      ::syscall(SYS_setresgid, kKeep, ::getgid(), kKeep) != 0 ||
      ::syscall(SYS_setgroups, saved_groups_.size(), saved_groups_.data()) != 0) {
    std::abort();  // To go on as somebody else would make every later check meaningless.
  }
  ::prctl(PR_SET_DUMPABLE, 1);  // Changing ids took it away, and sanitizers need it.
}

}  // namespace peerpool::testing
