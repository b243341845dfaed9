// The link between a client and the server it holds: passes on what may pass, and says what that
// means. What follows from it (release, refusal) is the session's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/pool.h"
#include "proxy/base/bytes.h"
#include "proxy/net/transport.h"
#include "proxy/pool/lease.h"
#include "proxy/postgres/client_scanner.h"
#include "proxy/postgres/link_state.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/server_session.h"
#include "proxy/postgres/statement.h"

namespace peerpool::postgres {

/// Holds the server's lease, from the moment the pool gave it. Lives in its session; passes bytes
/// only after begin().
class ServerLink {
 public:
  enum class Event : std::uint8_t {
    None,
    Terminate,        ///< The client says that it leaves.
    ClientViolation,  ///< The client sent what it may not.
    Ready,            ///< ReadyForQuery was passed on; its status is the server's.
    ServerViolation,  ///< The server sent what it may not.
    Superuser,        ///< The server's role is a superuser now.
    Foreign,          ///< What comes asks for what others have left: the server must be reset.
  };
  struct Passed {
    std::size_t length = 0;  ///< Bytes done with.
    Event event = Event::None;
  };

  explicit ServerLink(pool::Lease lease) noexcept : lease_(std::move(lease)) {}

  /// The server is prepared: from now on its bytes come to `user`. In session mode it is the
  /// client's until that leaves, named statements and all.
  void begin(ServerUser& user, const config::Pool& settings, PinCounts& pins);

  /// What the client sent. Pauses its reading when the server takes no more.
  Passed fromClient(ByteView bytes, ClientScanner& scanner, net::Transport& client,
                    const WantedParameters& wanted, StatementTable& table,
                    ClientStatements& statements);
  /// What the server sent, up to the first event. Parameters that it reports and that the client
  /// tracks go to `wanted`.
  Passed fromServer(ByteView bytes, net::Transport& client, WantedParameters& wanted,
                    ClientStatements& statements);

  /// Asks the backend to cancel what is running; the client gets `error`, a whole message, instead
  /// of the backend's words for it. Until the cancel ended nothing more of the client passes.
  void cancelStatement(std::string error, const ClientScanner& scanner);

  /// Nothing is owed, and the next client may have the server.
  [[nodiscard]] bool releasable() noexcept {
    return !pinned() && server().atRest() &&
           !(unnamed_too_long_ && server().tracker().awaitsBind());
  }
  /// A RESET led the server back to its own values and not to the client's: it has to be prepared
  /// again before the client goes on, if it is not released. Asked once.
  [[nodiscard]] bool mustPrepare() noexcept {
    return server().atRest() && std::exchange(started_over_, false);
  }
  /// Before the link ends: what the client has of the unnamed statement, for its next server.
  void keepUnnamed(StatementTable& table, ClientStatements& statements) const;
  /// The client holds the server until it leaves, because of this.
  [[nodiscard]] const std::optional<StateKind>& pinned() const noexcept { return state_.pinned(); }
  /// The client changed session state, which its pool does not permit.
  [[nodiscard]] bool changedState() const noexcept { return state_.refused(); }
  /// The server's last message was an ErrorResponse.
  [[nodiscard]] bool serverSpokeLastError() const noexcept { return last_was_error_; }
  /// A message of the server was passed on in part.
  [[nodiscard]] bool inAnswer() const noexcept { return !server().scanner().atBoundary(); }
  [[nodiscard]] ServerSession& server() const noexcept {
    return static_cast<ServerSession&>(lease_.server());
  }
  /// Instead of what the lease has cost so far.
  void charge(std::unique_ptr<pool::LeaseCharge> charge) noexcept {
    lease_.charge(std::move(charge));
  }
  /// The link is over; what happens to the server is up to the new owner.
  [[nodiscard]] pool::Lease takeLease() noexcept;

 private:
  void passError(ByteView bytes, ByteView report, net::Transport& client,
                 const ClientStatements& statements);
  [[nodiscard]] bool sharesSequences() const noexcept;
  [[nodiscard]] std::string withClientNames(ByteView report, const ClientStatements& statements);
  [[nodiscard]] bool pass(ByteView bytes, const ServerScanner::Scan& scan, net::Transport& client,
                          ClientStatements& statements);
  [[nodiscard]] bool passAnswer(ByteView bytes, const ServerScanner::Scan& scan,
                                net::Transport& client);
  void followStatements(const ServerScanner::Scan& scan, ClientStatements& statements);
  void follow(SessionEffect effect, const WantedParameters& wanted);
  [[nodiscard]] bool keepsToItself(const ServerScanner::Scan& scan,
                                   const WantedParameters& wanted) const;
  [[nodiscard]] std::string startOver(WantedParameters& wanted);
  void rememberUnnamed(ByteView definition);

  pool::Lease lease_;
  std::unique_ptr<std::string> instead_;  // Of the backend's error, while a cancel is to be told.
  LinkState state_;
  std::string unnamed_;            // Text and types of the last Parse of that name,
  bool parsed_unnamed_ = false;    // if there was one,
  bool unnamed_too_long_ = false;  // and it was short enough.
  bool renames_ = false;           // Named statements are the client's, not the server's.
  bool named_ = false;             // The client has used one.
  TrackedSet resets_;              // May have been carried out since the last ReadyForQuery.
  bool started_over_ = false;      // They were: the server is not as the client wants it.
  std::size_t deallocations_ = 0;  // Of all statements, sent and not answered.
  bool throttled_ = false;         // Too many requests are unanswered.
  bool last_was_error_ = false;
};

}  // namespace peerpool::postgres
