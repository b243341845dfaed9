// Answers `peerpool status` and `peerpool reload`: one line in, one JSON document out. Where the
// document comes from is not known here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "proxy/base/audit.h"
#include "proxy/base/clock.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/listener.h"
#include "proxy/net/socket_file.h"

namespace peerpool::server {

/// Lives on the main thread's loop. Its file has mode 0600, and only root and the service's own
/// account are answered.
class StatusSocket {
 public:
  using Answer = std::function<void(std::string json)>;
  /// Gets the line of a request and who sent it. Calls `answer` once, at once or later on the
  /// loop's thread, or never.
  using Source =
      std::function<void(const std::string& request, const AuditPeer& peer, const Answer& answer)>;

  struct Limits {
    std::size_t connections = 8;  ///< More are closed at once.
    std::size_t line = 64;        ///< Bytes of a request.
    Duration request{2'000};      ///< Until the request is complete.
    Duration answer{30'000};      ///< From then until the answer has been taken.
  };

  /// Throws std::system_error when the file cannot be made; see net::SocketFile.
  StatusSocket(event::EventLoop& loop, const std::string& path, Source source,
               const Limits& limits);
  ~StatusSocket();
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;

 private:
  class Connection;
  void onAccepted(UniqueFd fd);
  void onRequest(std::uint64_t id, const AuditPeer& peer, const std::string& line);
  void onAnswer(std::uint64_t id, const std::string& json);
  void drop(std::uint64_t id);

  event::EventLoop& loop_;
  Source source_;
  Limits limits_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  net::SocketFile file_;
  net::Listener listener_;
};

}  // namespace peerpool::server
