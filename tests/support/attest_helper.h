// peerpool-attest as a process of the test.

#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/support/process.h"

namespace peerpool::testing {

/// Ended when destroyed; the next one takes over the socket.
class AttestHelper {
 public:
  /// Returns when it listens at `socket`, whose directory exists. With `as` it is that uid with the
  /// one capability that its unit gives it, on a socket that root has made; else it is as we are.
  /// Throws std::runtime_error.
  AttestHelper(const std::string& socket, uid_t client,
               const std::optional<uid_t>& as = std::nullopt);

  void signal(int number) const noexcept { process_->signal(number); }
  /// SIGKILL, and wait for the end.
  void kill();
  Finished terminate() { return process_->terminate(); }
  [[nodiscard]] std::string errors() const { return process_->errors(); }

 private:
  std::unique_ptr<Process> process_;
};

}  // namespace peerpool::testing
