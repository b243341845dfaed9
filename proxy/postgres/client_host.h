// What the sessions of clients need from the frontend that owns them.

#pragma once

#include <string_view>

#include "proxy/base/audit.h"
#include "proxy/base/limit_hits.h"
#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/pool/lease.h"
#include "proxy/postgres/logged_in.h"

namespace peerpool::postgres {

class ClientSession;
class ClientStartup;

/// Lives on the sessions' worker and outlives them.
class ClientHost {
 public:
  [[nodiscard]] virtual event::EventLoop& loop() noexcept = 0;
  [[nodiscard]] virtual Log& log() noexcept = 0;
  [[nodiscard]] virtual Audit& audit() noexcept = 0;
  [[nodiscard]] virtual LimitHits& limitHits() noexcept = 0;

  /// The session is over: it dies at the end of the turn.
  virtual void remove(ClientStartup& startup) = 0;
  virtual void remove(ClientSession& session) = 0;
  /// The startup has given its client away.
  virtual void route(LoggedIn logged_in) = 0;
  /// Resets the server of `lease` for whoever comes next, then gives it back.
  virtual void clean(pool::Lease lease) = 0;

 protected:
  ~ClientHost() = default;
};

/// Writes one line about a client: who it is, and `reason` when there is one.
void logClient(Log& log, LogLevel level, std::string_view event, const auth::Admitted& client,
               std::vector<std::pair<std::string_view, std::string>> more);

}  // namespace peerpool::postgres
