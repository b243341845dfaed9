// What systemd says to a service by its environment, and what the service says back: sd_notify(3),
// sd_listen_fds(3) and sd_watchdog_enabled(3), without the library. What to say is service.h's.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/clock.h"
#include "proxy/base/result.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::server {

/// A descriptor that was open when the process started.
struct PassedSocket {
  UniqueFd fd;
  std::string name;  ///< FileDescriptorName= of the socket unit; else the unit's name, or empty.
};

struct ServiceEnvironment {
  std::string notify_socket;  ///< Path, or '@' and an abstract name; empty: nobody listens.
  std::optional<std::chrono::microseconds> watchdog;  ///< Longest silence that is forgiven.
  std::vector<std::string> socket_names;              ///< One for each passed descriptor.
};

/// `get` gives a variable's value, or an empty text. What is meant for another process than `own`
/// (LISTEN_PID, WATCHDOG_PID) does not count. Error (Refused): a value makes no sense.
[[nodiscard]] Result<ServiceEnvironment> parseServiceEnvironment(
    const std::function<std::string(const char* variable)>& get, pid_t own);
/// The same of this process.
[[nodiscard]] Result<ServiceEnvironment> readServiceEnvironment();

/// Makes the descriptors from `first` on ours, in the order of the names, close-on-exec. Once.
[[nodiscard]] std::vector<PassedSocket> takePassedSockets(const std::vector<std::string>& names,
                                                          int first = 3);

/// Speaks to the manager; main thread. Without a socket, or when nobody listens, all is in vain.
class ServiceManager {
 public:
  explicit ServiceManager(std::string notify_socket) : socket_(std::move(notify_socket)) {}

  void notifyReady() const { (void)send("READY=1"); }
  /// `now` is when the reload begins; a later notifyReady() ends it.
  void notifyReloading(TimePoint now) const;
  void notifyStopping() const { (void)send("STOPPING=1"); }
  /// One line for `systemctl status`.
  void notifyStatus(std::string_view text) const;
  void notifyAlive() const { (void)send("WATCHDOG=1"); }

 private:
  /// False: it did not get there.
  [[nodiscard]] bool send(const std::string& message) const;

  std::string socket_;
};

}  // namespace peerpool::server
