// Listening sockets that the service manager made (systemd.socket(5)) for listeners of the
// configuration, which then make no file of their own.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/model.h"
#include "proxy/base/unique_fd.h"
#include "proxy/server/systemd.h"

namespace peerpool::server {

/// Main thread. The files stay the manager's: nobody here changes or removes them.
class PassedSockets {
 public:
  PassedSockets() = default;
  /// Finds the listener of each, by the path it is bound to. Throws std::runtime_error when one is
  /// no listening stream socket in the file system, or no listener's, or a second one's.
  PassedSockets(std::vector<PassedSocket> sockets, const config::Config& config);

  /// The socket of `listener`, once; not valid when none was passed. It does not block and listens
  /// anew: peers see who called listen(2) last, which was the manager, as root.
  [[nodiscard]] UniqueFd take(const config::Listener& listener);

  /// Where the manager's files have another mode than the configuration says.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  std::map<std::string, UniqueFd> by_path_;
  std::vector<std::string> warnings_;
};

}  // namespace peerpool::server
