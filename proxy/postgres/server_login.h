// Login at a backend, from the startup packet to the first ReadyForQuery: messages in, bytes out.
//
// Answers only the configured way to prove a role; whatever else a backend asks for ends the login.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "auth/scram.h"
#include "auth/secret.h"
#include "config/model.h"
#include "proxy/base/bytes.h"
#include "proxy/base/error.h"
#include "proxy/base/result.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {

/// The packet that opens a server for this role and database. Limit when it would be longer than
/// PostgreSQL reads: a client's own packet may be shorter, as the rule may add to it. `version`: of
/// the protocol, as in wire/protocol.h.
[[nodiscard]] Result<std::string> makeStartupPacket(
    const std::string& role, const std::string& database,
    const std::map<std::string, std::string>& parameters,
    std::uint32_t version = wire::kProtocol32);

/// May a login that ended so have failed because of the version that was asked for? PostgreSQL from
/// 9.3 on negotiates; others refuse all but 3.0, in words of their own (PgBouncer 1.18: 08P01, "bad
/// packet header").
[[nodiscard]] bool mayRefuseVersion(const Error& error) noexcept;

/// One attempt. One thread; the derivation of SCRAM keys is the caller's, on another.
class ServerLogin {
 public:
  struct Settings {
    std::string role;
    std::string database;
    std::map<std::string, std::string> parameters;  ///< Untracked startup parameters.
    config::LoginMethod method = config::LoginMethod::Peer;
    std::uint32_t version = wire::kProtocol32;  ///< To ask for; the backend may lower it.
  };
  enum class Step : std::uint8_t {
    Continue,    ///< Send `out`, wait for the next message.
    DeriveKeys,  ///< Turn challenge() into keys, then call onKeys(); no message is due meanwhile.
    Done,        ///< The server is ready for queries.
    Failed,      ///< error() says why; close.
  };

  explicit ServerLogin(Settings settings);

  /// The first bytes to send; see makeStartupPacket().
  [[nodiscard]] Result<std::string> startupPacket() const {
    return makeStartupPacket(settings_.role, settings_.database, settings_.parameters,
                             settings_.version);
  }

  /// One complete message of the backend; appends what is to be answered to `out`.
  [[nodiscard]] Step onMessage(char type, ByteView body, std::string& out);
  [[nodiscard]] Step onKeys(const auth::ScramKeys& keys, std::string& out);

  [[nodiscard]] const auth::ScramChallenge& challenge() const noexcept { return challenge_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  /// What the backend reported up to now.
  [[nodiscard]] ServerParameters& parameters() noexcept { return parameters_; }
  [[nodiscard]] std::int32_t backendPid() const noexcept { return backend_pid_; }
  /// With the process id, what a CancelRequest needs; empty when the backend gave none.
  [[nodiscard]] auth::Secret& cancelKey() noexcept { return cancel_key_; }

 private:
  enum class State : std::uint8_t {
    Start,
    SaslStarted,
    Deriving,
    SaslAnswered,
    SaslProven,
    Accepted
  };
  Step onAuthentication(ByteView body, std::string& out);
  Step onNegotiation(ByteView body);
  Step onKeyData(ByteView body);
  Step fail(ErrorCode code, std::string text, std::string sqlstate = {});

  Settings settings_;
  State state_ = State::Start;
  std::uint32_t version_;  // Spoken: what was asked for, until the backend says less.
  auth::ScramClient scram_;
  auth::ScramChallenge challenge_;
  ServerParameters parameters_;
  std::int32_t backend_pid_ = 0;
  auth::Secret cancel_key_;
  Error error_;
};

}  // namespace peerpool::postgres
