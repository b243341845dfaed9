// Wiping, and the checks of a secret file before its content is trusted.

#include "auth/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "config/model.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::auth {
namespace {

// O_NONBLOCK: opening a FIFO must not wait for a writer.
constexpr int kSecretFlags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

constexpr mode_t kOfOthers = 077;
constexpr mode_t kOfOthersButGroupRead = 037;

Error problem(ErrorCode code, const std::string& path, const std::string& text) {
  return Error{code, "secret file " + path + ": " + text};
}

Error systemProblem(const std::string& path, int number) {
  return problem(ErrorCode::System, path,
                 std::error_code(number, std::generic_category()).message());
}

/// Why nobody should trust a file with these properties, or an empty text.
std::string whyUnsafe(const struct stat& facts, mode_t forbidden) {
  if (!S_ISREG(facts.st_mode)) {
    return "is not a regular file";
  }
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid()) {
    return "belongs to uid " + std::to_string(facts.st_uid) + ", not to root or the service";
  }
  if ((facts.st_mode & forbidden) != 0) {
    return "others have access to it; use mode 0400 or 0600";
  }
  return {};
}

/// Takes an open file if nobody else can have written or read it. `path` is for errors.
Result<Secret> readSecret(const UniqueFd& file, const std::string& path, mode_t forbidden) {
  if (!file) {
    return errno == ELOOP ? problem(ErrorCode::Denied, path, "is a symbolic link")
                          : systemProblem(path, errno);
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) {
    return systemProblem(path, errno);
  }
  if (const std::string unsafe = whyUnsafe(facts, forbidden); !unsafe.empty()) {
    return problem(ErrorCode::Denied, path, unsafe);
  }
  std::array<std::uint8_t, kMaxSecretFileSize + 1> content{};
  std::size_t size = 0;
  ssize_t count = 0;
  int number = 0;
  do {
    count = ::read(file.get(), content.data() + size, content.size() - size);
    number = errno;
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
  } while ((count > 0 && size < content.size()) || (count < 0 && number == EINTR));
  const bool ends_with_newline = size > 0 && content[size - 1] == '\n';
  const std::size_t length = ends_with_newline ? size - 1 : size;
  const bool has_zero = std::find(content.begin(), content.begin() + length, 0) !=
                        content.begin() + static_cast<std::ptrdiff_t>(length);
  Secret secret(ByteView(content.data(), length));
  wipe(content.data(), content.size());
  if (count < 0) {
    return systemProblem(path, number);
  }
  if (size > kMaxSecretFileSize) {
    return problem(ErrorCode::Limit, path,
                   "is larger than " + std::to_string(kMaxSecretFileSize) + " bytes");
  }
  if (secret.empty()) {
    return problem(ErrorCode::Denied, path, "is empty");
  }
  if (has_zero) {
    return problem(ErrorCode::Denied, path, "contains a zero byte, which no password can");
  }
  return secret;
}

}  // namespace

void wipe(void* memory, std::size_t size) noexcept {
  if (size != 0) {
    ::explicit_bzero(memory, size);
  }
}

Secret::Secret(ByteView bytes)
    : bytes_(std::make_unique<std::uint8_t[]>(bytes.size())), size_(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_.get(), size_);
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { wipe(bytes_.get(), size_); }

Result<Secret> loadSecretFile(const std::string& path) {
  return readSecret(UniqueFd(::open(path.c_str(), kSecretFlags)), path, kOfOthers);
}

Result<Secret> loadSecret(const std::string& secret, const std::string& credentials) {
  const std::string name(config::credentialName(secret));
  if (name.empty()) {
    return loadSecretFile(secret);
  }
  if (credentials.empty()) {
    return Error{ErrorCode::Unreachable,
                 secret + ": the service manager passed no credentials (LoadCredential=)"};
  }
  const std::string path = credentials + '/' + name;
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    return problem(ErrorCode::Denied, path, "is no name of a credential");
  }
  const UniqueFd directory(::open(credentials.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat facts {};
  if (!directory || ::fstat(directory.get(), &facts) != 0) {
    return systemProblem(credentials, errno);
  }
  if ((facts.st_uid != 0 && facts.st_uid != ::geteuid()) || (facts.st_mode & 027) != 0) {
    return problem(ErrorCode::Denied, path, "others have access to its directory");
  }
  return readSecret(UniqueFd(::openat(directory.get(), name.c_str(), kSecretFlags)), path,
                    kOfOthersButGroupRead);
}

}  // namespace peerpool::auth
