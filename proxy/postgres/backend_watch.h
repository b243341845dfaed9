// Watches the sockets of backends that clients wait for, so that their return is noticed at once.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "proxy/event/event_loop.h"
#include "proxy/net/socket_watch.h"

namespace peerpool::postgres {

/// One for each worker, on its thread. Costs nothing while no backend is watched.
class BackendWatch {
 public:
  /// Comes from the loop with the name of the backend whose socket may have appeared.
  using Appeared = std::function<void(const std::string& backend)>;

  BackendWatch(event::EventLoop& loop, Appeared appeared)
      : loop_(loop), appeared_(std::move(appeared)) {}

  /// Where `backend` is from now on.
  void setAddress(const std::string& backend, const std::string& socket_path);
  /// Starts or ends the watch of a backend whose address is known. May be called from Appeared.
  void set(const std::string& backend, bool watched);

 private:
  struct Address {
    std::string socket_path;
    std::unique_ptr<net::SocketWatch> watch;
  };
  event::EventLoop& loop_;
  Appeared appeared_;
  std::unordered_map<std::string, Address> addresses_;
};

}  // namespace peerpool::postgres
