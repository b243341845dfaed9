// The messages between peerpool and peerpool-attest, which may look at every process and so must
// be small enough to be trusted. Bytes in, bytes out; no descriptor is known here.
//
// Each message is one packet, numbers in network byte order. A question has a pidfd beside it
// (SCM_RIGHTS), and each question gets one answer.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/crypto.h"
#include "auth/file_id.h"
#include "auth/process_facts.h"
#include "proxy/base/bytes.h"

namespace peerpool::auth {

struct AttestationQuestion {
  std::uint64_t id = 0;  ///< Comes back with the answer.
  bool wants_digest = false;

  friend bool operator==(const AttestationQuestion&, const AttestationQuestion&) = default;
};

/// What became of the look at a process.
enum class AttestationStatus : std::uint8_t {
  Known,
  Ended,        ///< Before or while it was looked at.
  OutsidePids,  ///< It has no number in the helper's pid namespace.
  OtherMounts,  ///< What its paths lead to is its own affair: a container or a sandbox.
  Forbidden,    ///< The kernel does not let the helper look: it lacks CAP_SYS_PTRACE.
  NoProgram,    ///< It has none, as a kernel thread or one that is about to end.
  Malformed,    ///< There was not exactly one pidfd beside the question.
};

/// What became of the digest.
enum class DigestStatus : std::uint8_t {
  NotAsked,
  Known,
  TooLarge,    ///< The file is larger than the helper reads.
  TooOften,    ///< The uid has had too much hashed lately.
  Changed,     ///< The file changed while it was read.
  Unreadable,  ///< The helper may not read it, or reading failed.
  UserSpace,   ///< A server in user space (FUSE) may say something else to each reader.
};

/// All but `id` and the two states is meaningful only when `status` is Known.
struct AttestationAnswer {
  std::uint64_t id = 0;
  AttestationStatus status = AttestationStatus::Malformed;
  DigestStatus digest_status = DigestStatus::NotAsked;
  uid_t euid = 0;  ///< Of the process, as it was then.
  FileId file;
  uid_t owner = 0;  ///< Of the file, as is the next.
  mode_t mode = 0;
  bool deleted = false;
  Digest digest{};   ///< Zeros unless digest_status is Known.
  std::string path;  ///< What the kernel calls the file.

  friend bool operator==(const AttestationAnswer&, const AttestationAnswer&) = default;
};

inline constexpr std::size_t kQuestionSize = 16;
inline constexpr std::size_t kMaxAttestedPath = 4096;
inline constexpr std::size_t kAnswerHeaderSize = 92;
inline constexpr std::size_t kMaxAnswerSize = kAnswerHeaderSize + kMaxAttestedPath;

[[nodiscard]] std::string encodeQuestion(const AttestationQuestion& question);
/// `answer.path` may have kMaxAttestedPath bytes at most.
[[nodiscard]] std::string encodeAnswer(const AttestationAnswer& answer);

/// No value: it is no such message. What is one has exactly one spelling.
[[nodiscard]] std::optional<AttestationQuestion> parseQuestion(ByteView packet);
[[nodiscard]] std::optional<AttestationAnswer> parseAnswer(ByteView packet);

/// The answer about a process that connected with `uid`, as the policy takes it.
[[nodiscard]] Fact<Executable> executableOf(const AttestationAnswer& answer, uid_t uid);

/// One clause; empty for Known.
[[nodiscard]] std::string_view describe(AttestationStatus status) noexcept;
[[nodiscard]] std::string_view describe(DigestStatus status) noexcept;

}  // namespace peerpool::auth
