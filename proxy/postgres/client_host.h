// What the sessions of clients need from the frontend that owns them.

#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/base/audit.h"
#include "proxy/base/limit_hits.h"
#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/pool/lease.h"
#include "proxy/postgres/cancel_registry.h"
#include "proxy/postgres/logged_in.h"
#include "proxy/postgres/shared_limits.h"
#include "proxy/postgres/statement.h"
#include "proxy/postgres/wire/startup.h"

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
  [[nodiscard]] virtual SharedLimits& limits() noexcept = 0;
  [[nodiscard]] virtual StatementTable& statements() noexcept = 0;

  /// What a clock on the wall shows, for rules with `when:`.
  [[nodiscard]] virtual config::Instant wallTime() const = 0;

  /// The service ends: nobody is let in any more.
  [[nodiscard]] virtual bool draining() const noexcept = 0;

  /// The session is over: it dies at the end of the turn.
  virtual void remove(ClientStartup& startup) = 0;
  virtual void remove(ClientSession& session) = 0;
  /// The startup has given its client away.
  virtual void route(LoggedIn logged_in) = 0;
  /// A session that can be cancelled from now on, by a key of that many bytes; and no longer.
  [[nodiscard]] virtual CancelKey addCancelKey(ClientId client, std::size_t length) = 0;
  virtual void removeCancelKey(std::uint32_t pid) noexcept = 0;
  /// Looks for the session that `request` means, on all workers; ClientStartup::endCancel() when it
  /// was told, or when there is none.
  virtual void cancel(ClientStartup& from, const wire::CancelRequest& request) = 0;

  /// Brings the server of `lease`, whose client left, to rest for whoever comes next.
  virtual void recover(pool::Lease lease) = 0;

 protected:
  ~ClientHost() = default;
};

/// Writes one line about a client: who it is, and `reason` when there is one.
void logClient(Log& log, LogLevel level, std::string_view event, const auth::Admitted& client,
               std::vector<std::pair<std::string_view, std::string>> more);

/// The same about one that is turned away by a rule or limit, which is `kind` (a literal) and
/// `subject`; in a storm of them only now and then.
void logTurnedAway(ClientHost& host, std::string_view event, const auth::Admitted& client,
                   std::string_view kind, const std::string& subject,
                   std::vector<std::pair<std::string_view, std::string>> more = {});

}  // namespace peerpool::postgres
