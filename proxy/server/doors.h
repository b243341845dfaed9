// The socket files that are open and who comes in through them. Replaces all of them or none; who
// is let in is admission's question.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy/admin/control.h"
#include "proxy/base/audit.h"
#include "proxy/base/log.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/inode_watch.h"
#include "proxy/net/listener.h"
#include "proxy/net/socket_file.h"

namespace peerpool::server {

/// One listener of the configuration, ready to be made.
struct DoorPlan {
  std::string listener;  ///< Its name.
  net::SocketFileOptions file;
  bool repair = false;  ///< What others do to the file is undone.
};

/// Lives on the main thread's loop.
class Doors final : private event::Timer {
 public:
  /// Gets each accepted socket with the name of its listener.
  using OnAccepted = std::function<void(UniqueFd fd, const std::string& listener)>;

  /// Told that a connection cannot be accepted; see net::Listener::Callbacks.
  using OnExhausted = std::function<void(int error, const std::string& listener)>;

  /// Told what others did to a file, once for each change, and that it is mended.
  using OnDrift = std::function<void(AuditEvent event)>;

  Doors(event::EventLoop& loop, Log& log, OnAccepted on_accepted, OnExhausted on_exhausted,
        OnDrift on_drift = {});
  /// Removes the files; who is in a backlog is cut off.
  ~Doors() override;
  Doors(const Doors&) = delete;
  Doors& operator=(const Doors&) = delete;

  /// Afterwards exactly these are open: new ones are made, those with other permissions are
  /// replaced without a gap, those that are not named any more are closed. Throws std::system_error
  /// or std::runtime_error; then nothing has changed.
  void open(const std::vector<DoorPlan>& plans);

  /// Takes a listening socket whose file at `path` is somebody else's: it is neither changed nor
  /// removed, and closed when open() is called without that path.
  void adopt(const std::string& listener, const std::string& path, UniqueFd socket);

  /// A uid connects to `listener` so often that nobody can even tell it all that it is turned away.
  /// If accept cannot keep up with it either, the kernel refuses it for KeptOut::kFor; others would
  /// find the backlog full. True: from now on it does.
  [[nodiscard]] bool keepOutFlood(const std::string& listener, uid_t uid);

  /// Removes all files. Who had already found one is still accepted, for kLinger.
  void close();
  /// Is nobody to be accepted any more? After close().
  [[nodiscard]] bool closed() const noexcept { return doors_.empty() && retired_.empty(); }

  [[nodiscard]] std::size_t size() const noexcept { return doors_.size(); }

  /// Files that are not as they were made, as far as noticed.
  [[nodiscard]] std::vector<admin::DriftReport> drift() const;

  /// How long a change is not noticed at most, where the kernel does not tell of it.
  static constexpr Duration kLookAgain{900};
  /// Between two looks, however often somebody changes a file.
  static constexpr Duration kPause{100};
  /// Who looked up a name just before the file there was replaced or removed connects a moment
  /// later to the socket that was behind it.
  static constexpr Duration kLinger{200};
  /// Behind a queue of which so many had to be taken in a row, libpq may soon find no place.
  static constexpr std::size_t kBehind = 256;

 private:
  struct Door;
  struct Step;
  void listen(Door& door, UniqueFd socket);
  [[nodiscard]] std::vector<Step> prepare(const std::vector<DoorPlan>& plans);
  void onTimer(TimePoint now) override;
  void watchFiles();
  [[nodiscard]] bool lookAt(std::unique_ptr<Door>& door);
  [[nodiscard]] std::string mend(std::unique_ptr<Door>& door, const net::SocketFile::Drift& drift);
  void replace(std::unique_ptr<Door>& door);
  void report(const Door& door, const net::SocketFile::Drift& drift, bool mended,
              const std::string& reason);
  class Retired;
  void retire(std::unique_ptr<Door> door);

  event::EventLoop& loop_;
  Log& log_;
  OnAccepted on_accepted_;
  OnExhausted on_exhausted_;
  OnDrift on_drift_;
  net::InodeWatch watch_;
  TimePoint looked_{};
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::unique_ptr<Retired>> retired_;
};

}  // namespace peerpool::server
