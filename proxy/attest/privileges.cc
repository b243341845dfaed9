// capabilities(7), by system call: one struct does not need a library.

#include "proxy/attest/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace peerpool::attest {
namespace {

// Connections, what is passed and looked at, and a rest.
constexpr rlim_t kDescriptors = 64;
constexpr std::uint32_t kTracing = 1U << CAP_SYS_PTRACE;

void require(bool done, const char* what) {
  if (!done) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

/// A hardened unit has done it, and forbids the call.
void limit(decltype(RLIMIT_CORE) resource, rlim_t most, const char* what) {
  rlimit value{};
  require(::getrlimit(resource, &value) == 0, what);
  if (value.rlim_max > most) {
    value = {most, most};
    require(::setrlimit(resource, &value) == 0, what);
  }
}

}  // namespace

bool keepOnlyTracing() {
  require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "PR_SET_DUMPABLE");
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
  limit(RLIMIT_CORE, 0, "RLIMIT_CORE");
  limit(RLIMIT_NOFILE, kDescriptors, "RLIMIT_NOFILE");
  // Without CAP_SETPCAP the set stays as it is; nothing can be gained from it any more.
  for (int capability = 0; capability < 64; ++capability) {
    if (capability != CAP_SYS_PTRACE) {
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
  require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0, "PR_CAP_AMBIENT");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  require(::syscall(SYS_capget, &header, sets.data()) == 0, "capget");
  const std::uint32_t kept = sets[0].permitted & kTracing;
  sets = {};
  sets[0].permitted = sets[0].effective = kept;
  require(::syscall(SYS_capset, &header, sets.data()) == 0, "capset");
  return kept != 0;
}

}  // namespace peerpool::attest
