// Started by hand, or the way a service manager does it.

#include "tests/support/attest_helper.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>

#include "proxy/base/unique_fd.h"

namespace peerpool::testing {
namespace {

/// Inherited by children.
UniqueFd listeningSocket(const std::string& path, uid_t owner) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::chown(path.c_str(), owner, owner) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
      ::listen(fd.get(), 16) != 0) {
    throw std::runtime_error("cannot listen at " + path);
  }
  return fd;
}

}  // namespace

AttestHelper::AttestHelper(const std::string& socket, uid_t client,
                           const std::optional<uid_t>& as) {
  const std::string program = std::string(PEERPOOL_BINARY_DIR) + "/peerpool-attest";
  const std::string allowed = std::to_string(client);
  UniqueFd passed;
  Command command{{program, "--client", allowed, "--socket", socket}};
  if (as) {
    passed = listeningSocket(socket, client);
    const std::string id = std::to_string(*as);
    command.arguments = {
        "bash", "-c",
        "export LISTEN_PID=$$ LISTEN_FDS=1; exec setpriv --reuid " + id + " --regid " + id +
            " --clear-groups --inh-caps -all,+sys_ptrace --ambient-caps +sys_ptrace "
            "--bounding-set -all,+sys_ptrace \"$0\" --client " +
            allowed + " 3<&" + std::to_string(passed.get()),
        program};
  }
  process_ = std::make_unique<Process>(command);
  const bool decided = eventually(
      [&] { return !process_->running() || errors().find("ready") != std::string::npos; });
  if (!decided || !process_->running()) {
    throw std::runtime_error("peerpool-attest did not get ready: " + errors());
  }
}

void AttestHelper::kill() {
  signal(SIGKILL);
  (void)process_->wait();
}

}  // namespace peerpool::testing
