// A client until it is let in or turned away: reads the startup packet, asks the policy, answers a
// denial, and hands on who may come in.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "auth/admitted.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/transport.h"
#include "proxy/postgres/client_host.h"
#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres {

/// Lives on the worker that the main thread chose, not later than login_timeout.
class ClientStartup final : public event::Deletable,
                            private net::TransportHandler,
                            private event::Timer {
 public:
  /// `admitted.fd` is open; `host` outlives the session.
  ClientStartup(ClientHost& host, auth::Admitted admitted);

  /// Tells the client that the service stops and ends it.
  void shutDown();
  /// The same after its startup packet, which it may have a moment to send.
  void drain();
  /// After a reload: what is decided from here on is decided by `snapshot`.
  void adopt(const std::shared_ptr<const auth::Snapshot>& snapshot);

  /// The session that its CancelRequest means was told, or there is none: closes without a word, as
  /// PostgreSQL does.
  void endCancel();

  /// Ends it to make room for somebody else's client. Only while it may go.
  [[nodiscard]] auth::ClientPlaces giveUpPlace(const auth::LimitReached& limit);
  /// It has places, and has not been let in or turned away.
  [[nodiscard]] bool mayGo() const noexcept;

  [[nodiscard]] const auth::Admitted& admitted() const noexcept { return admitted_; }

 private:
  enum class State : std::uint8_t { Reading, Cancelling, Closing, Gone };

  bool mayRead() override { return true; }
  std::size_t onBytes(ByteView bytes) override;
  void onEnd(const Error& error) override;
  void onDrained() override {}
  void onTimer(TimePoint now) override;

  [[nodiscard]] bool answerEncryption(bool& asked, const wire::StartupResult& read, ByteView input);
  void onCancelRequest(const wire::CancelRequest& request);
  void onStartup(const wire::StartupMessage& startup, ByteView behind);
  void letIn(auth::Decision decision, const wire::StartupMessage& startup, ByteView behind);
  void deny(const auth::Decision& decision, const std::string& database, const std::string& role);
  void refuseBecause(const auth::LimitReached& limit);
  [[nodiscard]] bool takeRulePlace(const config::PolicyRule& rule, LoggedIn& next);
  void refuse(std::string_view fatal);

  ClientHost& host_;
  auth::Admitted admitted_;
  net::Transport transport_;
  State state_ = State::Reading;
  bool ssl_asked_ = false;
  bool gss_asked_ = false;
  bool listener_gone_ = false;  // By a reload.
};

}  // namespace peerpool::postgres
