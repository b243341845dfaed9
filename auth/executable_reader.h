// Looks at the program of a process, guarded by its pidfd. What it needs of the kernel is
// CAP_SYS_PTRACE, so it runs in peerpool-attest and not in the service.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "auth/attestation.h"
#include "auth/file_status.h"
#include "auth/hash_budget.h"
#include "auth/process_handle.h"
#include "proxy/base/clock.h"

namespace peerpool::auth {

/// One thread. Blocks only while it reads a file that is to be hashed.
class ExecutableReader {
 public:
  struct Limits {
    std::uint64_t largest = std::uint64_t{256} << 20;    ///< Bytes of a file that is hashed.
    std::uint64_t per_second = std::uint64_t{16} << 20;  ///< Bytes for one uid in the long run.
    std::size_t cached = 128;                            ///< Digests that are remembered.
  };
  explicit ExecutableReader(const Limits& limits);

  struct Now {
    TimePoint steady;
    std::chrono::system_clock::time_point wall;  ///< By the clock that dates files.
  };
  /// The program that `process` runs now. The answer has `question.id`.
  [[nodiscard]] AttestationAnswer look(const ProcessHandle& process,
                                       const AttestationQuestion& question, const Now& now);

  /// Digests that are remembered.
  [[nodiscard]] std::size_t cached() const noexcept { return digests_.size(); }

 private:
  /// A file with one content: who changes that changes the times too.
  struct Version {
    FileId id;
    std::uint64_t size = 0;
    std::int64_t modified = 0;
    std::int64_t changed = 0;

    friend bool operator==(const Version&, const Version&) = default;
  };
  struct Known {
    Version version;
    Digest digest;
  };
  struct Hashed {
    DigestStatus status = DigestStatus::Unreadable;
    Digest digest{};
  };
  [[nodiscard]] static Version versionOf(const FileStatus& status) noexcept;
  [[nodiscard]] AttestationStatus lookInto(int directory, AttestationAnswer& answer,
                                           const AttestationQuestion& question, const Now& now);
  [[nodiscard]] Hashed hash(int directory, int file, const FileStatus& status, uid_t uid,
                            const Now& now);
  [[nodiscard]] const Digest* remembered(const Version& version);
  void remember(const Version& version, const Digest& digest, const Now& now);

  Limits limits_;
  HashBudget budget_;
  std::vector<FileId> mounts_;  // The mount namespaces of this process and of the first one.
  std::list<Known> digests_;    // The last used first.
};

}  // namespace peerpool::auth
