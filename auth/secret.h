// Memory that is wiped before it is freed, and the files that secrets come from. Nothing here
// prints.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/result.h"

namespace peerpool::auth {

/// Overwrites memory in a way that no compiler leaves out.
void wipe(void* memory, std::size_t size) noexcept;

/// A password. Not copyable and without a stream operator, so that it gets nowhere by accident.
class Secret {
 public:
  Secret() noexcept = default;
  /// Copies `bytes`; wiping the original is the caller's.
  explicit Secret(ByteView bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  /// Valid until the secret is moved or destroyed.
  [[nodiscard]] ByteView bytes() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

/// Largest secret file, in bytes.
inline constexpr std::size_t kMaxSecretFileSize = 1024;

/// Reads a secret: a regular file, not a symbolic link, owned by root or the effective uid, without
/// access for group and others, of 1 to kMaxSecretFileSize bytes. One newline at the end is not
/// part of the secret. Errors (System, Denied, Limit) name the path, never the content.
[[nodiscard]] Result<Secret> loadSecretFile(const std::string& path);

/// Reads a secret as the configuration names it: the path of a file, or "credential:NAME". That is
/// the file NAME in `credentials`, the directory that systemd makes for LoadCredential= and names
/// in $CREDENTIALS_DIRECTORY (empty: there is none, which is an error, Unreachable). The checks are
/// those of loadSecretFile(); the group may read a credential, because the mask of an access
/// control list looks like that, but nobody else may write or search the directory.
[[nodiscard]] Result<Secret> loadSecret(const std::string& secret, const std::string& credentials);

}  // namespace peerpool::auth
