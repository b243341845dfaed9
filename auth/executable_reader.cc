// As in process_reader: the pidfd first, then a directory descriptor of /proc/PID, then what lies
// below it, and at the end the question whether the process is still alive. If it is, the number
// was its own all the time.

#include "auth/executable_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "auth/proc_text.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::auth {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::size_t kMostMounts = 1 << 20;  // Bytes; some hundred of them for each container.
constexpr std::chrono::nanoseconds kStep{2'000'000'000};
constexpr std::string_view kDeleted = " (deleted)";

AttestationStatus statusOf(int error) noexcept {
  return error == EACCES || error == EPERM ? AttestationStatus::Forbidden
         : error == ESRCH                  ? AttestationStatus::Ended
                                           : AttestationStatus::NoProgram;
}

/// Empty: it cannot be read.
std::string linkTarget(int directory, const char* name) {
  std::string target(kMaxAttestedPath, '\0');
  const ssize_t size = ::readlinkat(directory, name, target.data(), target.size());
  target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return target;
}

/// A file may be called so; that it is deleted is known by its links.
std::string withoutMark(std::string path) {
  if (path.size() > kDeleted.size() &&
      std::string_view(path).substr(path.size() - kDeleted.size()) == kDeleted) {
    path.resize(path.size() - kDeleted.size());
  }
  return path;
}

/// The kernel asks a server in user space for the content, which may answer each time otherwise,
/// late, or never.
bool isInUserSpace(std::string_view kind) noexcept { return kind.substr(0, 4) == "fuse"; }

/// All of `file`, if it has `size` bytes.
std::optional<Digest> digestOf(int file, std::uint64_t size) {
  Sha256 sum;
  std::vector<std::uint8_t> piece(kPiece);
  std::uint64_t done = 0;
  while (true) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0 || done + static_cast<std::uint64_t>(got) > size) {
      return got == 0 && done == size ? std::optional(sum.finish()) : std::nullopt;
    }
    sum.add(ByteView(piece.data(), static_cast<std::size_t>(got)));
    done += static_cast<std::uint64_t>(got);
  }
}

}  // namespace

ExecutableReader::ExecutableReader(const Limits& limits)
    : limits_(limits), budget_(limits.largest, limits.per_second) {
  // A hardened service has mounts of its own: those of the machine are the first process's.
  for (const char* space : {"/proc/self/ns/mnt", "/proc/1/ns/mnt"}) {
    if (const auto status = fileStatus(AT_FDCWD, space, true)) {
      mounts_.push_back(status->id);
    }
  }
}

AttestationAnswer ExecutableReader::look(const ProcessHandle& process,
                                         const AttestationQuestion& question, const Now& now) {
  AttestationAnswer failed;
  failed.id = question.id;
  const Result<ProcessInfo> info = process.info();
  if (!info) {
    failed.status = info.error().code == ErrorCode::Closed ? AttestationStatus::Ended
                                                           : AttestationStatus::OutsidePids;
    return failed;
  }
  const UniqueFd directory(
      ::open(("/proc/" + std::to_string(info->pid)).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto euid = directory ? effectiveUid(*info, directory.get()) : std::nullopt;
  AttestationAnswer answer;
  answer.id = question.id;
  failed.status = AttestationStatus::Ended;
  if (euid) {
    answer.euid = *euid;
    failed.status = lookInto(directory.get(), answer, question, now);
  }
  if (process.ended()) {
    failed.status = AttestationStatus::Ended;
  }
  return failed.status == AttestationStatus::Known ? answer : failed;
}

AttestationStatus ExecutableReader::lookInto(int directory, AttestationAnswer& answer,
                                             const AttestationQuestion& question, const Now& now) {
  const auto mounts = fileStatus(directory, "ns/mnt", true);
  if (!mounts) {
    return statusOf(errno);
  }
  if (std::find(mounts_.begin(), mounts_.end(), mounts->id) == mounts_.end()) {
    return AttestationStatus::OtherMounts;
  }
  const UniqueFd file(::openat(directory, "exe", O_PATH | O_CLOEXEC));
  const auto status = file ? fileStatus(file.get(), "") : std::nullopt;
  if (!status) {
    return statusOf(errno);
  }
  answer.status = AttestationStatus::Known;
  answer.file = status->id;
  answer.owner = status->owner;
  answer.mode = status->mode;
  answer.deleted = status->links == 0;
  answer.path = linkTarget(directory, "exe");
  if (answer.path.empty()) {
    return AttestationStatus::NoProgram;
  }
  if (answer.deleted) {
    answer.path = withoutMark(std::move(answer.path));
  }
  if (question.wants_digest) {
    const Hashed hashed = hash(directory, file.get(), *status, answer.euid, now);
    answer.digest_status = hashed.status;
    answer.digest = hashed.digest;
  }
  return answer.status;
}

ExecutableReader::Version ExecutableReader::versionOf(const FileStatus& status) noexcept {
  return {status.id, status.size, status.modified, status.changed};
}

const Digest* ExecutableReader::remembered(const Version& version) {
  const auto found = std::find_if(digests_.begin(), digests_.end(),
                                  [&](const Known& known) { return known.version == version; });
  if (found == digests_.end()) {
    return nullptr;
  }
  digests_.splice(digests_.begin(), digests_, found);
  return &digests_.front().digest;
}

/// Times of files go in steps: what changed just now may change once more in the same one.
void ExecutableReader::remember(const Version& version, const Digest& digest, const Now& now) {
  const auto wall = std::chrono::nanoseconds(now.wall.time_since_epoch()).count();
  if (limits_.cached == 0 || version.changed > wall - kStep.count()) {
    return;
  }
  if (digests_.size() >= limits_.cached) {
    digests_.pop_back();
  }
  digests_.push_front({version, digest});
}

ExecutableReader::Hashed ExecutableReader::hash(int directory, int file, const FileStatus& status,
                                                uid_t uid, const Now& now) {
  const Version version = versionOf(status);
  if (status.size > limits_.largest) {
    return {DigestStatus::TooLarge, {}};
  }
  if (const Digest* const digest = remembered(version)) {
    return {DigestStatus::Known, *digest};
  }
  if (!budget_.take(uid, status.size, now.steady)) {
    return {DigestStatus::TooOften, {}};
  }
  const auto mounts = readBelow(directory, "mountinfo", kMostMounts);
  const std::string_view kind = fileSystemOf(mounts ? *mounts : std::string_view(), status.mount);
  if (kind.empty() || isInUserSpace(kind)) {
    return {kind.empty() ? DigestStatus::Unreadable : DigestStatus::UserSpace, {}};
  }
  const std::string name = "/proc/self/fd/" + std::to_string(file);
  const UniqueFd content(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!content) {
    return {DigestStatus::Unreadable, {}};
  }
  const auto digest = digestOf(content.get(), status.size);
  const auto after = fileStatus(file, "");
  if (!digest || !after || versionOf(*after) != version) {
    return {DigestStatus::Changed, {}};
  }
  remember(version, *digest, now);
  return {DigestStatus::Known, *digest};
}

}  // namespace peerpool::auth
