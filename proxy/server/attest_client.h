// The service's end of the conversation with peerpool-attest. Blocks: not for the main thread.

#pragma once

#include <optional>
#include <string>

#include "auth/attestation.h"
#include "proxy/base/clock.h"
#include "proxy/base/result.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::server {

/// Connects when it is asked something, and again after whatever goes wrong. One thread.
class AttestClient {
 public:
  static constexpr Duration kPatience{2'000};

  explicit AttestClient(std::string path) : path_(std::move(path)) {}

  /// The program of the process that `pidfd` denotes; waits until `deadline` at most. Errors say in
  /// one clause why nothing is known. It believes root, its own account and "peerpool-attest" only.
  [[nodiscard]] Result<auth::AttestationAnswer> ask(int pidfd, bool wants_digest,
                                                    TimePoint deadline);

 private:
  [[nodiscard]] std::optional<Error> connect();
  [[nodiscard]] Result<auth::AttestationAnswer> converse(int pidfd, bool wants_digest,
                                                         TimePoint deadline);

  std::string path_;
  UniqueFd connection_;
  std::uint64_t last_id_ = 0;
};

/// Of the helper that belongs to this runtime directory; empty: there is no such directory.
[[nodiscard]] std::string attestSocketPath(const std::string& runtime_directory);

/// Why the helper at `path` cannot say anything about other processes; no value: it can. Asks it
/// about this process, which only CAP_SYS_PTRACE may look at once it is hardened.
[[nodiscard]] std::optional<std::string> whyUnattested(const std::string& path);

}  // namespace peerpool::server
