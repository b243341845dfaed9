// A client that is logged in: waits for a server, is linked to it, gives it back at the sync point.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/event/event_loop.h"
#include "proxy/net/transport.h"
#include "proxy/pool/pool.h"
#include "proxy/pool/waiter.h"
#include "proxy/postgres/client_host.h"
#include "proxy/postgres/client_scanner.h"
#include "proxy/postgres/late_cancel.h"
#include "proxy/postgres/leaving.h"
#include "proxy/postgres/logged_in.h"
#include "proxy/postgres/process_watch.h"
#include "proxy/postgres/server_connector.h"
#include "proxy/postgres/server_link.h"
#include "proxy/postgres/server_session.h"
#include "proxy/postgres/server_shares.h"
#include "proxy/postgres/session_timer.h"
#include "proxy/postgres/wait_notice.h"

namespace peerpool::postgres {

/// Lives on the worker that owns its pool; attached to the pool from first to last.
///
///   state       | entered when                          | left when
///   ------------+---------------------------------------+---------------------------------------
///   Login       | made; waits for a server to learn its | welcomed -> Idle; failure -> Closing
///               | parameters, unless they are known     |
///   Idle        | no request is open, no server is held | a request comes -> Waiting, Preparing
///               |                                       | or Linked; it leaves -> Closing
///   Waiting     | no server is free: in the queue       | lease -> Preparing or Linked
///   Skipping    | its request was cancelled while it     | the request is read and answered
///               | waited for a server                    | -> Idle
///   Preparing   | the server is reset, gets parameters  | done -> Linked (Login: -> Idle)
///   Linked      | bytes flow                            | sync point -> Idle, unless pinned
///   Closing     | a last message is being sent          | sent, or in vain -> Gone
///   Gone        | the client left                       | dies at the end of the turn
class ClientSession final : public event::Deletable,
                            private net::TransportHandler,
                            private pool::Waiter,
                            private ServerUser,
                            private TimedSession,
                            private WaitingSession,
                            private CancelledSession {
 public:
  enum class State : std::uint8_t {
    Login,
    Idle,
    Waiting,
    Skipping,
    Preparing,
    Linked,
    Closing,
    Gone
  };

  /// `pool` and its `connector` stay valid while the session is attached; `host` outlives it.
  ClientSession(ClientHost& host, pool::Pool& pool, ServerConnector& connector, LoggedIn logged_in);
  ~ClientSession() override;

  /// Welcomes the client, now or when a server is there to tell how.
  void start();

  /// Tells the client that the service stops and ends it, whatever it is doing.
  void shutDown();
  /// Ends the session with `fatal`, a whole message, as soon as no request is open and no
  /// transaction: now if that is so, at `deadline` at the latest. `reason` is for the log. A later
  /// call replaces what an earlier one said, but for the deadline: the earliest holds. What was
  /// only Revoked is forgotten by adopt().
  void endAtRest(Leaving::Cause cause, std::string fatal, std::string reason, TimePoint deadline);

  /// Somebody who has its key wants its request to be cancelled: the one that runs at the backend,
  /// or that waits for a server. Nothing when it has none.
  void cancelRequest();

  /// After a reload that still allows it: `rule` of `snapshot` is what it lives by.
  void adopt(const std::shared_ptr<const auth::Snapshot>& snapshot, const config::PolicyRule& rule);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] pool::Pool& pool() noexcept { return pool_; }
  [[nodiscard]] const pool::Pool& pool() const noexcept { return pool_; }
  /// What of its session state binds it to its server.
  [[nodiscard]] std::optional<StateKind> pinned() const noexcept {
    return link_ ? link_->pinned() : std::nullopt;
  }
  [[nodiscard]] const LoggedIn& facts() const noexcept { return facts_; }
  /// Ends it to make room for somebody else's client. Only while it may go.
  [[nodiscard]] auth::ClientPlaces giveUpPlace(const auth::LimitReached& limit);
  /// It has not been welcomed yet, or is at rest and has no server.
  [[nodiscard]] bool mayGo() const noexcept;
  /// When it came to rest last.
  [[nodiscard]] TimePoint idleSince() const noexcept { return idle_since_; }
  /// The linked server's, or none.
  [[nodiscard]] ServerId serverId() const noexcept;

 private:
  bool mayRead() override;
  std::size_t onBytes(ByteView bytes) override;
  bool endsWhenClosed() override { return true; }
  void onEnd(const Error& error) override;
  void onDrained() override;
  void onLease(pool::Lease lease) override;
  void onFailure(const Error& error) override;
  std::size_t onServerBytes(ByteView bytes) override;
  void onPrepared(const std::optional<Error>& error, bool usable) override;
  void onServerLost(const Error& error) override;
  void onServerDrained() override;
  void onCancelEnded(CancelOutcome outcome) override;
  void onLimit(SessionLimits::Due due) override;
  void onLongWait(Duration patience) override;
  void onNoWait() override { wait_notice_.reset(); }
  void onCancelAgain() override { cancelAtServer(); }

  void watchProcess();
  void setState(State state);
  void startTimer(TimePoint login);
  void tellTimer();
  void noticeWait();
  void adoptTimes();
  void prepare(pool::Lease lease);
  void prepareAnew();
  void prepareLinked();
  void prepareServer();
  void welcome();
  void sendWelcome(const std::string& statuses);
  void link();
  void acquire();
  [[nodiscard]] bool takeTurn();
  void makeTurn();
  void countFor(const config::PolicyRule& before);
  [[nodiscard]] bool mustWaitForTurn() const;
  void onTurn(bool granted);
  std::size_t onIdleBytes(ByteView bytes);
  std::size_t onSkippedBytes(ByteView bytes);
  void skipRequest();
  void cancelAtServer();
  void forgetCancel() noexcept;
  std::size_t relayToServer(ByteView bytes);
  [[nodiscard]] bool mayUseServer();
  [[nodiscard]] bool onServerEvent(ServerLink::Event event);
  [[nodiscard]] bool onReady();
  void releaseServer();
  void leaveServer();
  void refuse(std::string_view fatal, std::string_view reason);
  [[nodiscard]] bool endIfLeaving();
  void leave(std::string_view reason);
  void logClosed(LogLevel level, std::string_view reason);
  [[nodiscard]] ServerSession& server() noexcept { return link_->server(); }

  ClientHost& host_;
  pool::Pool& pool_;
  ServerConnector& connector_;
  LoggedIn facts_;  // Its descriptor belongs to transport_.
  net::Transport transport_;
  ClientScanner scanner_;
  ClientStatements statements_;              // Unless its pool is in session mode.
  std::optional<ServerLink> link_;           // While it has the lease of a server.
  std::unique_ptr<Leaving> leaving_;         // Since endAtRest().
  std::unique_ptr<SessionTimer> timer_;      // From login on, if the rule limits times.
  std::unique_ptr<WaitNotice> wait_notice_;  // While it waits, and for a while after that.
  std::unique_ptr<LateCancel> late_cancel_;  // Until the request that it means has ended.
  std::unique_ptr<ProcessWatch> process_;    // If its rule binds it to its process.
  std::unique_ptr<ServerTurn> turn_;         // Since its rule first limited servers.
  TimePoint idle_since_;
  std::uint32_t cancel_pid_ = 0;  // Under which it can be cancelled; 0: not yet.
  bool cancel_pending_ = false;   // Preparing: its request is not to be sent.
  bool waited_ = false;           // In the queue, for the server of its open request.
  bool skips_copy_data_ = false;  // Its last COPY was cut short: what comes may need no server.
  State state_ = State::Login;
};

}  // namespace peerpool::postgres
