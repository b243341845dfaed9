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
  const rlimit none{0, 0};
  require(::setrlimit(RLIMIT_CORE, &none), "RLIMIT_CORE");
}

}  // namespace peerpool::server
