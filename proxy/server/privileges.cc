#include "proxy/server/privileges.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace peerpool::server {
namespace {

void require(int result, const char* what) {
  if (result != 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

}  // namespace

void hardenProcess() {
  require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE");
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
  rlimit core{};
  require(::getrlimit(RLIMIT_CORE, &core), "RLIMIT_CORE");
  if (core.rlim_max != 0) {  // A hardened unit has done it, and forbids the call.
    core = {0, 0};
    require(::setrlimit(RLIMIT_CORE, &core), "RLIMIT_CORE");
  }
}

}  // namespace peerpool::server
