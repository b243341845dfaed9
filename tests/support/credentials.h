// Being somebody else for a while: numbers of a peer, and a guard that wears them on one thread.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace peerpool::testing {

/// What SO_PEERCRED and SO_PEERGROUPS will show. The numbers need no account.
struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};  ///< Supplementary groups.
};

/// The ids of an account of this system; nullopt when there is none. Supplementary groups: none.
[[nodiscard]] std::optional<Credentials> accountCredentials(const std::string& name);

/// True when this process may become other users: it is root.
[[nodiscard]] bool canSwitchUser() noexcept;

/// Says "SKIPPED: ..." and returns true when the test cannot run here without root. CTest then
/// counts the test as skipped (property SKIP_REGULAR_EXPRESSION); the caller returns.
[[nodiscard]] bool skipWithoutRoot();
/// The same for any other reason; `reason` is one short sentence. Always returns true.
bool skipBecause(const std::string& reason);

/// Effective ids and groups of the calling thread alone, which is what connect(2) and listen(2)
/// record; libpq and sockets can be used under it. Put back when destroyed, on the same thread.
class ScopedCredentials {
 public:
  /// Throws std::system_error when not root.
  explicit ScopedCredentials(const std::optional<Credentials>& credentials);
  ~ScopedCredentials();
  ScopedCredentials(const ScopedCredentials&) = delete;
  ScopedCredentials& operator=(const ScopedCredentials&) = delete;

 private:
  bool changed_ = false;
  std::vector<gid_t> saved_groups_;
};

}  // namespace peerpool::testing
