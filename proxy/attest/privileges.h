// What peerpool-attest gives up before it hears the first question.

#pragma once

namespace peerpool::attest {

/// From here on this process can look at others and nothing else: no other capability, none to be
/// gained, nobody may look at it, few descriptors. False: it has not even CAP_SYS_PTRACE, and sees
/// only processes of its own account. Throws std::system_error.
[[nodiscard]] bool keepOnlyTracing();

}  // namespace peerpool::attest
