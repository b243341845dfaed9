// A new configuration for the running process: loaded and resolved beside the data path, then
// applied as a whole or not at all. How it is applied is the application's part.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/admitted.h"
#include "proxy/admin/reload_json.h"
#include "proxy/event/event_loop.h"
#include "proxy/server/doors.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/resolver.h"
#include "proxy/server/socket_plan.h"

namespace peerpool::server {

/// What can be prepared without changing anything.
struct PreparedReload {
  LoadedPolicy loaded;
  std::vector<DirectoryPlan> directories;
  std::vector<DoorPlan> doors;
  std::string error;  ///< Why the plans could not be made, after the file was found good.
};

/// Lives on the main thread's loop.
class Reload {
 public:
  struct Parts {
    event::EventLoop& loop;
    Resolver& resolver;
    std::string config;         ///< Path of the main file.
    std::string attest_socket;  ///< See attestSocketPath().
    std::function<std::shared_ptr<const auth::Snapshot>()> running;
    std::function<void()> on_begun;  ///< Not for one that is refused at once.
    /// Puts a good one in force. Throws std::exception when it can't; then nothing has changed.
    std::function<void(PreparedReload& prepared)> apply;
    std::function<void(const admin::ReloadReport& report)>
        on_done;  ///< Each time, before the answers.
  };
  using Answer = std::function<void(const admin::ReloadReport& report)>;

  explicit Reload(Parts parts) : parts_(std::move(parts)) {}

  /// `answer` is called once, in a later turn; may be null. Requests that come while one is being
  /// loaded are answered by one more after it: the file may have changed since it was read.
  void request(Answer answer);

  /// From now on every request is refused because of `reason`, and so is what is being loaded.
  void close(std::string reason) { closed_because_ = std::move(reason); }

 private:
  void start();
  void refuse(const std::string& reason);
  void finish(PreparedReload prepared);

  Parts parts_;
  std::vector<Answer> running_;  // Answered by the one under way.
  std::vector<Answer> next_;
  bool under_way_ = false;
  std::string closed_because_;  // Empty: it is not closed.
};

/// Loads `config` as what may follow `running`, and plans its files. Blocks: not for the main
/// thread.
[[nodiscard]] PreparedReload prepareReload(const std::string& config,
                                           const std::string& attest_socket,
                                           const auth::Snapshot& running);

}  // namespace peerpool::server
