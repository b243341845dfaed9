#include "proxy/postgres/server_login.h"

#include <utility>
#include <vector>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"
#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kMechanism = "SCRAM-SHA-256";

}  // namespace

Result<std::string> makeStartupPacket(const std::string& role, const std::string& database,
                                      const std::map<std::string, std::string>& parameters,
                                      std::uint32_t version) {
  std::vector<wire::Parameter> all = {{"user", role}, {"database", database}};
  for (const auto& [name, value] : parameters) {
    all.push_back({name, value});
  }
  std::string out;
  if (!wire::appendStartupMessage(out, version, all)) {
    return Error{ErrorCode::Limit, "startup parameters are longer than " +
                                       std::to_string(wire::kMaxStartupBody) + " bytes in all"};
  }
  return out;
}

bool mayRefuseVersion(const Error& error) noexcept {
  return error.code == ErrorCode::Refused &&
         (error.sqlstate == "0A000" || error.sqlstate == "08P01");
}

ServerLogin::ServerLogin(Settings settings)
    : settings_(std::move(settings)), version_(settings_.version), scram_(auth::makeScramNonce()) {}

ServerLogin::Step ServerLogin::onMessage(char type, ByteView body, std::string& out) {
  const bool accepted = state_ == State::Accepted;
  switch (type) {
    case wire::backend::kAuthentication:
      return onAuthentication(body, out);
    case wire::backend::kErrorResponse: {
      const auto report = wire::parseReport(body);
      if (!report) {
        return fail(ErrorCode::Protocol, "backend sent a malformed ErrorResponse");
      }
      return fail(ErrorCode::Refused, std::string(report->message), std::string(report->sqlstate));
    }
    case wire::backend::kNoticeResponse:
      return Step::Continue;
    case wire::backend::kParameterStatus: {
      const auto status = wire::parseParameterStatus(body);
      if (!accepted || !status || !parameters_.report(status->name, status->value)) {
        return fail(ErrorCode::Protocol, "backend sent a bad ParameterStatus");
      }
      return Step::Continue;
    }
    case wire::backend::kNegotiateProtocolVersion:
      return onNegotiation(body);
    case wire::backend::kBackendKeyData:
      return onKeyData(body);
    case wire::backend::kReadyForQuery:
      if (!accepted || wire::parseReadyForQuery(body) != wire::TransactionStatus::Idle) {
        return fail(ErrorCode::Protocol, "backend was ready before the login ended");
      }
      return Step::Done;
    default:
      return fail(ErrorCode::Protocol, "backend sent an unexpected message during login");
  }
}

/// Says less than was asked for, once, before all else; we ask for no options.
ServerLogin::Step ServerLogin::onNegotiation(ByteView body) {
  const auto negotiated = wire::parseNegotiateProtocolVersion(body);
  // 3.1 was never a version, and libpq refuses it too.
  if (state_ != State::Start || !negotiated || negotiated->version >= version_ ||
      negotiated->version != wire::kProtocol30 || negotiated->options != 0) {
    return fail(ErrorCode::Protocol, "backend sent a bad NegotiateProtocolVersion");
  }
  version_ = negotiated->version;
  return Step::Continue;
}

ServerLogin::Step ServerLogin::onKeyData(ByteView body) {
  const auto key = wire::parseBackendKeyData(body);
  const bool fits =
      key && (version_ >= wire::kProtocol32 || key->key.size() == wire::kMinCancelKey);
  if (state_ != State::Accepted || !fits) {
    return fail(ErrorCode::Protocol, "backend sent a bad BackendKeyData");
  }
  backend_pid_ = static_cast<std::int32_t>(key->pid);
  cancel_key_ = auth::Secret(key->key);
  return Step::Continue;
}

ServerLogin::Step ServerLogin::onAuthentication(ByteView body, std::string& out) {
  const auto request = wire::parseAuthentication(body);
  if (!request) {
    return fail(ErrorCode::Protocol, "backend sent a malformed authentication request");
  }
  using Code = wire::AuthenticationCode;
  const bool scram = settings_.method == config::LoginMethod::Scram;
  if (request->code == Code::Ok) {
    // With scram a backend must prove that it knows the password: one that lets everybody in is
    // not the one that was meant.
    if (state_ != (scram ? State::SaslProven : State::Start)) {
      return fail(ErrorCode::Unproven, "backend accepted the login without proving itself");
    }
    state_ = State::Accepted;
    return Step::Continue;
  }
  if (!scram) {
    return fail(ErrorCode::Protocol,
                "backend asks for a password, but login is peer or trust: see its pg_hba.conf");
  }
  if (request->code == Code::Sasl && state_ == State::Start) {
    for (const std::string_view mechanism : request->mechanisms) {
      if (mechanism == kMechanism) {
        check(wire::appendSaslInitialResponse(out, kMechanism, scram_.clientFirst()),
              "SCRAM messages hold no zero byte");
        state_ = State::SaslStarted;
        return Step::Continue;
      }
    }
    return fail(ErrorCode::Protocol, "backend does not offer SCRAM-SHA-256");
  }
  if (request->code == Code::SaslContinue && state_ == State::SaslStarted) {
    auto challenge = scram_.onServerFirst(request->data);
    if (!challenge) {
      return fail(challenge.error().code, challenge.error().text);
    }
    challenge_ = std::move(*challenge);
    state_ = State::Deriving;
    return Step::DeriveKeys;
  }
  if (request->code == Code::SaslFinal && state_ == State::SaslAnswered) {
    if (const auto error = scram_.onServerFinal(request->data)) {
      return fail(error->code, error->text);
    }
    state_ = State::SaslProven;
    return Step::Continue;
  }
  return fail(ErrorCode::Protocol, "backend asks for a login that is not configured");
}

ServerLogin::Step ServerLogin::onKeys(const auth::ScramKeys& keys, std::string& out) {
  check(state_ == State::Deriving, "keys come only when they were asked for");
  const auto final_message = scram_.clientFinal(keys);
  if (!final_message) {
    return fail(final_message.error().code, final_message.error().text);
  }
  check(wire::appendSaslResponse(out, *final_message), "SCRAM messages hold no zero byte");
  state_ = State::SaslAnswered;
  return Step::Continue;
}

ServerLogin::Step ServerLogin::fail(ErrorCode code, std::string text, std::string sqlstate) {
  error_ = Error{code, std::move(text), std::move(sqlstate)};
  return Step::Failed;
}

}  // namespace peerpool::postgres
