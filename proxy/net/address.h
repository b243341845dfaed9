// The path of a Unix socket as the kernel takes it. Not configuration: that knows paths as text.

#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "proxy/base/unique_fd.h"

namespace peerpool::net {

/// An address for connect(2) and bind(2). A path longer than the 107 bytes of sun_path goes through
/// /proc/self/fd of its directory, which this keeps open: use the address while this lives.
class UnixAddress {
 public:
  /// error() is not 0 when `path` has no address: EINVAL (empty, or a NUL byte inside),
  /// ENAMETOOLONG, or why its directory cannot be opened.
  explicit UnixAddress(const std::string& path);

  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&address_);
  }
  [[nodiscard]] socklen_t size() const noexcept { return sizeof address_; }

 private:
  sockaddr_un address_{};
  UniqueFd directory_;
  int error_ = 0;
};

}  // namespace peerpool::net
