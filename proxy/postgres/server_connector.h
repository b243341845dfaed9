// Opens and closes the servers of one pool, and remembers what they tell a client that logs in.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/admitted.h"
#include "proxy/base/ids.h"
#include "proxy/base/log.h"
#include "proxy/event/event_loop.h"
#include "proxy/pool/connector.h"
#include "proxy/pool/pool.h"
#include "proxy/pool/pool_key.h"
#include "proxy/postgres/key_deriver.h"
#include "proxy/postgres/pin_counts.h"
#include "proxy/postgres/server_session.h"

namespace peerpool::postgres {

/// One for each pool, on the pool's worker; outlives it.
class ServerConnector final : public pool::Connector, private ServerOwner {
 public:
  /// All of them outlive the connector.
  struct Services {
    event::EventLoop& loop;
    Log& log;
    KeyDeriver& keys;
    ServerCancels& cancels;
    IdSource<ServerId>& ids;
  };

  /// `snapshot` has a backend of the name in `key`.
  ServerConnector(const Services& services, std::shared_ptr<const auth::Snapshot> snapshot,
                  pool::PoolKey key);
  ~ServerConnector() override;

  /// After a reload. Returns whether servers opened so far belong to another place or were logged
  /// in in another way than `snapshot` says. A backend that is no longer configured stays as known.
  [[nodiscard]] bool adopt(std::shared_ptr<const auth::Snapshot> snapshot);
  /// See PoolMap::rename().
  void setKey(const pool::PoolKey& key) { key_ = key; }

  /// The service stops: servers that do not end in time are left to PostgreSQL.
  void stopWaiting() noexcept { stops_ = true; }

  /// The first of a backend asks for protocol 3.2, and anew after each reload; if that is refused
  /// (mayRefuseVersion()) it tries again with 3.0, as do all that follow.
  void open(pool::Pool& pool) override;
  void close(pool::Pool& pool, std::unique_ptr<pool::Server> server) noexcept override;

  /// The ParameterStatus messages for a client whose tracked parameters have this fingerprint, but
  /// for application_name; null when no server of the pool has reported them yet.
  [[nodiscard]] const std::string* findWelcome(const std::string& fingerprint) const;
  /// Remembers them as they were `reported` by a server that is prepared for such a client.
  const std::string& rememberWelcome(const std::string& fingerprint,
                                     const ServerParameters& reported);

  /// Kept up by the links of the pool.
  [[nodiscard]] PinCounts& pins() noexcept { return pins_; }
  [[nodiscard]] const PinCounts& pins() const noexcept { return pins_; }
  [[nodiscard]] const pool::PoolKey& key() const noexcept { return key_; }
  /// Servers that log in or close, which the pool does not own.
  [[nodiscard]] std::size_t outside() const noexcept { return outside_.size(); }
  void forEachOutside(const std::function<void(const ServerSession&)>& visit) const;

 private:
  void aim();
  struct Outside {
    std::unique_ptr<ServerSession> session;
    bool late = false;              ///< It did not end in time, which was logged.
    std::optional<Error> rejected;  ///< Logged in, but may not be used: the login failed after all.
    std::uint32_t asked = 0;        ///< Logs in: the version of the protocol that it asks for.
  };

  void onLoggedIn(ServerSession& server) override;
  void onLoginFailed(ServerSession& server, const Error& error) override;
  void onIdleLost(ServerSession& server, const Error& error) override;
  void onClosed(ServerSession& server) override;
  PeerCheck peerCheck() const override;
  bool forgets(const ServerSession& server) override;
  void logServer(LogLevel level, std::string_view event, const ServerSession& server,
                 const std::string& reason = {});

  Services services_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  pool::PoolKey key_;
  ServerSession::Target target_;
  pool::Pool* pool_ = nullptr;
  PinCounts pins_;
  bool stops_ = false;
  std::unordered_map<const ServerSession*, Outside> outside_;
  ServerParameters last_reported_;  // By the newest server after its login.
  std::unordered_map<std::string, std::string> welcomes_;
};

}  // namespace peerpool::postgres
