// One connection to a backend: connects, checks who is there, logs in, is made ready for a client,
// serves it, and ends.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proxy/base/error.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/transport.h"
#include "proxy/pool/server.h"
#include "proxy/postgres/key_deriver.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/preparation_answers.h"
#include "proxy/postgres/server_cancels.h"
#include "proxy/postgres/server_login.h"
#include "proxy/postgres/server_preparation.h"
#include "proxy/postgres/server_scanner.h"
#include "proxy/postgres/server_statements.h"
#include "proxy/postgres/session_remains.h"
#include "proxy/postgres/sync_tracker.h"

namespace peerpool::postgres {

class ServerSession;

/// Whoever holds the server's lease. Calls come from the loop, in the server's receive.
class ServerUser {
 public:
  /// Bytes of the linked server; returns how many were taken. May end the link, and take fewer
  /// then.
  virtual std::size_t onServerBytes(ByteView bytes) = 0;
  /// What prepare() began is done: the server is at rest and may be linked; or it failed, with the
  /// backend's words, and is at rest (`usable`) or of no further use.
  virtual void onPrepared(const std::optional<Error>& error, bool usable) = 0;
  /// The connection ended; the lease can only be discarded.
  virtual void onServerLost(const Error& error) = 0;
  /// The server takes output again after having been congested.
  virtual void onServerDrained() = 0;
  /// What cancel() began is over.
  virtual void onCancelEnded(CancelOutcome outcome) = 0;

 protected:
  ~ServerUser() = default;
};

/// Where a server's own life is followed: its pool's side of things.
class ServerOwner {
 public:
  virtual void onLoggedIn(ServerSession& server) = 0;
  virtual void onLoginFailed(ServerSession& server, const Error& error) = 0;
  /// An idle server (no lease) ended or said something it should not: it must go.
  virtual void onIdleLost(ServerSession& server, const Error& error) = 0;
  /// After close(): PostgreSQL has ended the session, or the deadline passed.
  virtual void onClosed(ServerSession& server) = 0;
  /// For a server that is opened now, and its cancels.
  [[nodiscard]] virtual PeerCheck peerCheck() const = 0;
  /// `server` does not end in time: may its place be given away all the same?
  [[nodiscard]] virtual bool forgets(const ServerSession& server) = 0;

 protected:
  ~ServerOwner() = default;
};

/// Lives on one worker. Made and destroyed by its owner; leased out by the pool in between.
class ServerSession final : public pool::Server,
                            public event::Deletable,
                            private net::TransportHandler,
                            private CancelUser,
                            private event::Timer {
 public:
  enum class State : std::uint8_t { Connecting, Login, Idle, Preparing, Linked, Closing, Lost };

  struct Target {
    std::string socket_path;
    std::string secret_file;  ///< Empty unless the method is scram.
    Duration connect_timeout;
    ServerLogin::Settings login;
  };

  /// All references outlive the session.
  struct Services {
    event::EventLoop& loop;
    KeyDeriver& keys;
    ServerCancels& cancels;
  };

  ServerSession(ServerId id, const Services& services, ServerOwner& owner, const Target& target);
  ~ServerSession() override;

  /// Connects and logs in; answers by ServerOwner, in a later turn.
  void open(TimePoint now);

  /// Brings the server to the state in which `client`, of `uid`, wants it (without `uid`: whoever
  /// comes): reset if somebody else may have left something in it, then SET for each parameter that
  /// has another value. True: it is so already. False: comes with onPrepared().
  [[nodiscard]] bool prepare(ClientId client, std::optional<uid_t> uid,
                             const WantedParameters& wanted, ServerUser& user);
  /// From here on all it sends goes to `user`. Only when prepared.
  void link(ServerUser& user);
  /// Ends the link; the server must be at rest.
  void unlink();
  /// Gives the running preparation, or the link, to another user.
  void setUser(ServerUser& user) noexcept { user_ = &user; }

  /// Nothing is owed, no transaction is open, no message is half sent in either direction.
  [[nodiscard]] bool atRest() const noexcept;

  /// Asks the backend to end what this server is doing; the user gets onCancelEnded(), whoever that
  /// is then. Until that comes, the cancel can hit whatever the server is given to do. No effect
  /// while one is under way; only when linked or closing.
  void cancelRequest();
  [[nodiscard]] bool cancelling() const noexcept { return cancelling_; }
  /// A message was sent in part and the rest will not come: nothing more can be said to it, so
  /// close() ends the stream.
  void cutOff() noexcept { cut_off_ = true; }

  /// Sends Terminate, cancels what is unanswered, and waits until PostgreSQL has really ended the
  /// session; then ServerOwner::onClosed(), in a later turn. From `deadline` on the owner is asked
  /// again and again whether it waits.
  void close(TimePoint deadline);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] net::Transport& transport() noexcept { return *transport_; }
  [[nodiscard]] SyncTracker& tracker() noexcept { return tracker_; }
  [[nodiscard]] ServerScanner& scanner() noexcept { return scanner_; }
  [[nodiscard]] ServerStatements& statements() noexcept { return statements_; }
  [[nodiscard]] SessionRemains& remains() noexcept { return remains_; }
  [[nodiscard]] ServerParameters& parameters() noexcept { return parameters_; }
  [[nodiscard]] const std::string& socketPath() const noexcept {
    return cancel_target_.socket_path;
  }
  [[nodiscard]] std::int32_t backendPid() const noexcept { return backend_pid_; }
  /// 'I', 'T' or 'E' of the last ReadyForQuery.
  [[nodiscard]] char transactionStatus() const noexcept { return transaction_status_; }
  /// It was linked before: if it breaks now, that may have come while it was idle.
  [[nodiscard]] bool hasServed() const noexcept { return has_served_; }
  void setTransactionStatus(char status) noexcept { transaction_status_ = status; }

 private:
  bool mayRead() override { return true; }
  std::size_t onBytes(ByteView bytes) override;
  void onEnd(const Error& error) override;
  void onDrained() override {
    if (state_ == State::Linked) {
      user_->onServerDrained();
    }
  }
  void onTimer(TimePoint now) override;
  void onCancelEnded(CancelOutcome outcome) override;

  void tryConnect(TimePoint now);
  std::size_t dispatch(ByteView bytes);
  void onLoginMessage(char type, ByteView body);
  void onLoginStep(ServerLogin::Step step, const std::string& out);
  void deriveKeys();
  void loggedIn();
  void failLogin(const Error& error);
  void onPreparingMessage(char type, ByteView body);
  void forgetCancel() noexcept;
  void keepEnding(TimePoint now);
  void onClosingTimer(TimePoint now);
  void onIdleMessage(char type, ByteView body);
  void lose(const Error& error);
  void closed();

  Services services_;
  ServerOwner& owner_;
  State state_ = State::Connecting;
  std::unique_ptr<Target> target_;        // Until logged in.
  std::unique_ptr<ServerLogin> login_;    // Until logged in.
  std::shared_ptr<ServerSession*> self_;  // For keys that come after our end; until logged in.
  const Duration connect_timeout_;        // Also the most that a preparation may take.
  TimePoint connect_deadline_ = kNever;
  TimePoint closing_deadline_ = kNever;
  TimePoint idle_since_;
  std::optional<net::Transport> transport_;
  ServerUser* user_ = nullptr;
  SyncTracker tracker_;
  ServerScanner scanner_;
  ServerStatements statements_;
  SessionRemains remains_;
  ServerParameters parameters_;
  ServerPreparation preparation_;
  CancelTarget cancel_target_;  // Without process id and key.
  auth::Secret cancel_key_;
  std::int32_t backend_pid_ = 0;
  bool cancelling_ = false;
  bool cut_off_ = false;
  bool has_served_ = false;
  bool busy_ = false;  // Something was unanswered when close() came.
  char transaction_status_ = 'I';
};

}  // namespace peerpool::postgres
