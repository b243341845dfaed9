// How a pool gets and gets rid of servers: the protocol's part.

#pragma once

#include <memory>

#include "proxy/pool/server.h"

namespace peerpool::pool {

class Pool;

/// Answers later, never from inside its methods. Must outlive the pools that use it.
class Connector {
 public:
  virtual ~Connector() = default;

  /// Starts one connect and login. Ends in exactly one `pool.onConnected()`, or, once the
  /// connection is really gone, `pool.onConnectFailed()`.
  virtual void open(Pool& pool) = 0;

  /// Ends `server`, which the connector now owns. Calls `pool.onClosed()` exactly once, when the
  /// backend has ended its side or can no longer be expected to: until then it may still count the
  /// connection.
  virtual void close(Pool& pool, std::unique_ptr<Server> server) noexcept = 0;
};

}  // namespace peerpool::pool
