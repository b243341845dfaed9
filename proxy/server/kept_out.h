// Uids that flood a socket file and are kept out of it for a while, by its access control list.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>

#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/socket_file.h"

namespace peerpool::server {

/// The kernel's queue of a listening socket is one for all, first come, first served: to accept and
/// close a connection costs as much as to make one, so a single process can keep it full. Whom the
/// file itself refuses never gets into the queue. Lives on its loop's thread.
class KeptOut final : private event::Timer {
 public:
  /// `file` is published; both outlive this.
  KeptOut(event::EventLoop& loop, net::SocketFile& file, Log& log)
      : event::Timer(loop.timers()), loop_(loop), file_(file), log_(log) {}

  /// From now on connect(2) says EACCES to the uid, for kFor. False: it does already, or cannot:
  /// root and the file's owner may always connect, a file system may have no such lists, and where
  /// somebody else changed the file's permissions it is left as it is, for good. What fails is told
  /// in the log.
  [[nodiscard]] bool add(uid_t uid);

  static constexpr Duration kFor{1000};
  /// At once; a list has only so much room.
  static constexpr std::size_t kMost = 64;

 private:
  void onTimer(TimePoint now) override;
  [[nodiscard]] bool apply() noexcept;
  void complain(const std::string& reason);

  event::EventLoop& loop_;
  net::SocketFile& file_;
  Log& log_;
  std::map<uid_t, TimePoint> until_;
  bool possible_ = true;
};

}  // namespace peerpool::server
