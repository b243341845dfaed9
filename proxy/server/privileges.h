// What the process gives up before it reads a secret.

#pragma once

namespace peerpool::server {

/// For the whole process and for good: other processes of the same account can neither trace it nor
/// read its memory, environment or descriptors (PR_SET_DUMPABLE 0), no program it might start gains
/// privileges (PR_SET_NO_NEW_PRIVS), and no core is written (RLIMIT_CORE 0). Call it before there
/// is a second thread. Throws std::system_error.
void hardenProcess();

}  // namespace peerpool::server
