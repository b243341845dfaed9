// Fixed offsets, checked lengths.

#include "auth/attestation.h"

#include <sys/stat.h>

#include <algorithm>

#include "proxy/base/check.h"

namespace peerpool::auth {
namespace {

// The last digit is the version: whoever speaks another one is not understood, and says so.
constexpr std::uint32_t kQuestionMagic = 0x50504131;  // "PPA1"
constexpr std::uint32_t kAnswerMagic = 0x50504231;    // "PPB1"
constexpr std::uint32_t kWantsDigest = 1;
constexpr std::uint32_t kDeleted = 1;
constexpr mode_t kOthersMayWrite = 022;

void appendUint64(std::string& out, std::uint64_t value) {
  appendUint32(out, static_cast<std::uint32_t>(value >> 32));
  appendUint32(out, static_cast<std::uint32_t>(value & 0xffffffff));
}

/// Takes numbers from the front of a packet that is known to be long enough.
class Cursor {
 public:
  explicit Cursor(ByteView packet) noexcept : rest_(packet) {}
  std::uint32_t uint32() noexcept { return readUint32(take(4)); }
  std::uint64_t uint64() noexcept {
    const std::uint64_t high = uint32();
    return high << 32 | uint32();
  }
  ByteView take(std::size_t count) noexcept {
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }

 private:
  ByteView rest_;
};

std::string hexadecimal(const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

/// Says nothing that its states do not.
bool isConsistent(const AttestationAnswer& answer) {
  if ((answer.digest_status == DigestStatus::Known) != (answer.digest != Digest{})) {
    return false;
  }
  if (answer.status == AttestationStatus::Known) {
    return !answer.path.empty() && answer.path.find('\0') == std::string::npos;
  }
  AttestationAnswer empty;
  empty.id = answer.id;
  empty.status = answer.status;
  return answer == empty;
}

}  // namespace

std::string encodeQuestion(const AttestationQuestion& question) {
  std::string out;
  appendUint32(out, kQuestionMagic);
  appendUint64(out, question.id);
  appendUint32(out, question.wants_digest ? kWantsDigest : 0);
  return out;
}

std::string encodeAnswer(const AttestationAnswer& answer) {
  check(answer.path.size() <= kMaxAttestedPath, "a path that is too long for an answer");
  std::string out;
  appendUint32(out, kAnswerMagic);
  appendUint64(out, answer.id);
  appendUint16(out, static_cast<std::uint16_t>(answer.status));
  appendUint16(out, static_cast<std::uint16_t>(answer.digest_status));
  appendUint32(out, answer.deleted ? kDeleted : 0);
  appendUint64(out, answer.file.device);
  appendUint64(out, answer.file.inode);
  appendUint64(out, static_cast<std::uint64_t>(answer.file.born));
  appendUint32(out, answer.euid);
  appendUint32(out, answer.owner);
  appendUint32(out, answer.mode);
  out.append(reinterpret_cast<const char*>(answer.digest.data()), answer.digest.size());
  appendUint32(out, static_cast<std::uint32_t>(answer.path.size()));
  check(out.size() == kAnswerHeaderSize, "the answer's header has another size");
  return out + answer.path;
}

std::optional<AttestationQuestion> parseQuestion(ByteView packet) {
  if (packet.size() != kQuestionSize) {
    return std::nullopt;
  }
  Cursor cursor(packet);
  const std::uint32_t magic = cursor.uint32();
  AttestationQuestion question;
  question.id = cursor.uint64();
  const std::uint32_t flags = cursor.uint32();
  question.wants_digest = flags == kWantsDigest;
  return magic == kQuestionMagic && flags <= kWantsDigest ? std::optional(question) : std::nullopt;
}

std::optional<AttestationAnswer> parseAnswer(ByteView packet) {
  if (packet.size() < kAnswerHeaderSize || packet.size() > kMaxAnswerSize) {
    return std::nullopt;
  }
  Cursor cursor(packet);
  const std::uint32_t magic = cursor.uint32();
  AttestationAnswer answer;
  answer.id = cursor.uint64();
  const std::uint16_t status = readUint16(cursor.take(2));
  const std::uint16_t digest_status = readUint16(cursor.take(2));
  const std::uint32_t flags = cursor.uint32();
  answer.deleted = flags == kDeleted;
  answer.file.device = cursor.uint64();
  answer.file.inode = cursor.uint64();
  answer.file.born = static_cast<std::int64_t>(cursor.uint64());
  answer.euid = cursor.uint32();
  answer.owner = cursor.uint32();
  answer.mode = cursor.uint32();
  const ByteView digest = cursor.take(answer.digest.size());
  std::copy(digest.begin(), digest.end(), answer.digest.begin());
  const std::uint32_t path_size = cursor.uint32();
  if (magic != kAnswerMagic || flags > kDeleted || path_size != cursor.rest().size() ||
      status > static_cast<std::uint16_t>(AttestationStatus::Malformed) ||
      digest_status > static_cast<std::uint16_t>(DigestStatus::UserSpace)) {
    return std::nullopt;
  }
  answer.status = static_cast<AttestationStatus>(status);
  answer.digest_status = static_cast<DigestStatus>(digest_status);
  answer.path = asText(cursor.rest());
  return isConsistent(answer) ? std::optional(std::move(answer)) : std::nullopt;
}

Fact<Executable> executableOf(const AttestationAnswer& answer, uid_t uid) {
  if (answer.status != AttestationStatus::Known) {
    return Fact<Executable>::unknown(std::string(describe(answer.status)));
  }
  if (answer.euid != uid) {
    return Fact<Executable>::unknown("it has changed its uid since it connected");
  }
  Executable program;
  program.path = answer.path;
  program.file = answer.file;
  program.roots_alone = answer.owner == 0 && (answer.mode & kOthersMayWrite) == 0;
  program.deleted = answer.deleted;
  if (answer.digest_status == DigestStatus::Known) {
    program.sha256 = hexadecimal(answer.digest);
  } else {
    program.sha256_why_not = describe(answer.digest_status);
  }
  return Fact<Executable>::known(std::move(program));
}

std::string_view describe(AttestationStatus status) noexcept {
  switch (status) {
    case AttestationStatus::Known:
      return {};
    case AttestationStatus::Ended:
      return "it ended before it was looked at";
    case AttestationStatus::OutsidePids:
      return "it is outside the pid namespace of whoever looks";
    case AttestationStatus::OtherMounts:
      return "it lives in another mount namespace, where paths lead elsewhere";
    case AttestationStatus::Forbidden:
      return "the kernel forbids to look at it (CAP_SYS_PTRACE is missing)";
    case AttestationStatus::NoProgram:
      return "it runs no program";
    case AttestationStatus::Malformed:
      return "peerpool-attest did not understand the question";
  }
  return {};
}

std::string_view describe(DigestStatus status) noexcept {
  switch (status) {
    case DigestStatus::NotAsked:
      return "nobody asked for its digest";
    case DigestStatus::Known:
      return {};
    case DigestStatus::TooLarge:
      return "its file is too large to be hashed";
    case DigestStatus::TooOften:
      return "too much was hashed for its uid lately";
    case DigestStatus::Changed:
      return "its file changed while it was hashed";
    case DigestStatus::Unreadable:
      return "its file cannot be read";
    case DigestStatus::UserSpace:
      return "its file is on a file system in user space";
  }
  return {};
}

}  // namespace peerpool::auth
