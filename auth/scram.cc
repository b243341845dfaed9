// Messages of RFC 5802 section 7, strictly parsed, and the proofs of section 3.

#include "auth/scram.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "auth/quoted.h"
#include "proxy/base/check.h"

namespace peerpool::auth {
namespace {

constexpr std::string_view kHeader = "n,,";             // No channel binding, no authzid.
constexpr std::string_view kChannelBinding = "c=biws";  // The header again, as base64.

Error protocolError(const std::string& text) {
  return Error{ErrorCode::Protocol, "SCRAM: " + text};
}

/// saslname of RFC 5802: "," and "=" would end the attribute.
std::string escapeUser(std::string_view user) {
  std::string out;
  for (const char character : user) {
    if (character == ',') {
      out += "=2C";
    } else if (character == '=') {
      out += "=3D";
    } else {
      out += character;
    }
  }
  return out;
}

/// "printable" of RFC 5802: visible ASCII but the comma.
bool isNonce(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

/// Takes "NAME=VALUE" and the comma behind it off the front of `rest`.
std::optional<std::string_view> takeAttribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') {
    return std::nullopt;
  }
  const std::size_t comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == rest.npos ? rest.npos : comma - 2);
  rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  return value;
}

/// A posit-number of RFC 5802: no sign, no leading zero.
std::optional<std::uint32_t> parseCount(std::string_view text) {
  if (text.empty() || text.size() > 9 || text[0] == '0') {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  for (const char character : text) {
    if (character < '0' || character > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint32_t>(character - '0');
  }
  return value;
}

Error cannotCompute(const std::exception& failure) {
  return Error{ErrorCode::System, std::string("SCRAM: ") + failure.what()};
}

}  // namespace

ScramKeys::~ScramKeys() {
  wipe(client_key.data(), client_key.size());
  wipe(server_key.data(), server_key.size());
}

Result<ScramKeys> deriveKeys(const Secret& password, const ScramChallenge& challenge) {
  if (asText(password.bytes()).substr(0, 14) == "SCRAM-SHA-256$") {
    return Error{ErrorCode::Refused,
                 "the secret is a stored SCRAM verifier; a login needs the password itself"};
  }
  try {
    Digest salted = pbkdf2Sha256(password.bytes(), asBytes(challenge.salt), challenge.iterations);
    ScramKeys keys;
    keys.client_key = hmacSha256(salted, asBytes("Client Key"));
    keys.server_key = hmacSha256(salted, asBytes("Server Key"));
    wipe(salted.data(), salted.size());
    return keys;
  } catch (const std::exception& failure) {
    return cannotCompute(failure);
  }
}

std::string makeScramNonce() { return encodeBase64(asBytes(randomBytes(18))); }

ScramClient::ScramClient(std::string nonce, std::string_view user)
    : nonce_(std::move(nonce)), client_first_bare_("n=" + escapeUser(user) + ",r=" + nonce_) {
  check(isNonce(nonce_), "a SCRAM nonce is visible ASCII without comma");
}

std::string ScramClient::clientFirst() {
  check(state_ == State::Start, "ScramClient::clientFirst() comes first");
  state_ = State::SentFirst;
  return std::string(kHeader) + client_first_bare_;
}

Result<ScramChallenge> ScramClient::onServerFirst(ByteView message) {
  check(state_ == State::SentFirst, "ScramClient::onServerFirst() out of order");
  state_ = State::Done;
  if (message.size() > kMaxScramMessage) {
    return Error{ErrorCode::Limit, "SCRAM: the backend's first message is too long"};
  }
  std::string_view rest = asText(message);
  // An extension "m=" before the nonce is one that must be understood: none is.
  const auto nonce = takeAttribute(rest, 'r');
  const auto salt = takeAttribute(rest, 's');
  const auto iterations = takeAttribute(rest, 'i');
  if (!nonce || !salt || !iterations || !rest.empty() || message.back() == ',') {
    return protocolError("the backend's first message is malformed");
  }
  if (!isNonce(*nonce) || nonce->size() <= nonce_.size() ||
      nonce->substr(0, nonce_.size()) != nonce_) {
    return protocolError("the backend's nonce does not go on from ours");
  }
  std::optional<std::string> decoded_salt = decodeBase64(*salt);
  const std::optional<std::uint32_t> count = parseCount(*iterations);
  if (!decoded_salt || decoded_salt->empty() || !count) {
    return protocolError("the backend's salt or iteration count is malformed");
  }
  if (decoded_salt->size() > kMaxScramSalt) {
    return Error{ErrorCode::Limit, "SCRAM: the backend's salt is too long"};
  }
  if (*count < kMinScramIterations || *count > kMaxScramIterations) {
    return Error{ErrorCode::Limit, "SCRAM: the backend asks for " + std::to_string(*count) +
                                       " iterations; accepted are " +
                                       std::to_string(kMinScramIterations) + " to " +
                                       std::to_string(kMaxScramIterations)};
  }
  server_first_ = asText(message);
  combined_nonce_ = *nonce;
  state_ = State::Challenged;
  return ScramChallenge{std::move(*decoded_salt), *count};
}

Result<std::string> ScramClient::clientFinal(const ScramKeys& keys) {
  check(state_ == State::Challenged, "ScramClient::clientFinal() out of order");
  state_ = State::Done;
  const std::string without_proof = std::string(kChannelBinding) + ",r=" + combined_nonce_;
  const std::string auth_message = client_first_bare_ + ',' + server_first_ + ',' + without_proof;
  try {
    const Digest stored_key = sha256(keys.client_key);
    const Digest signature = hmacSha256(stored_key, asBytes(auth_message));
    Digest proof{};
    std::transform(
        keys.client_key.begin(), keys.client_key.end(), signature.begin(), proof.begin(),
        [](std::uint8_t key, std::uint8_t mask) { return static_cast<std::uint8_t>(key ^ mask); });
    server_signature_ = hmacSha256(keys.server_key, asBytes(auth_message));
    state_ = State::SentFinal;
    return without_proof + ",p=" + encodeBase64(proof);
  } catch (const std::exception& failure) {
    return cannotCompute(failure);
  }
}

std::optional<Error> ScramClient::onServerFinal(ByteView message) {
  check(state_ == State::SentFinal, "ScramClient::onServerFinal() out of order");
  state_ = State::Done;
  if (message.size() > kMaxScramMessage) {
    return Error{ErrorCode::Limit, "SCRAM: the backend's final message is too long"};
  }
  std::string_view rest = asText(message);
  if (const auto error = takeAttribute(rest, 'e')) {
    return Error{ErrorCode::Refused, "SCRAM: the backend refused: " + quoted(*error)};
  }
  const auto verifier = takeAttribute(rest, 'v');
  if (!verifier || !rest.empty() || message.back() == ',') {
    return protocolError("the backend's final message is malformed");
  }
  const std::optional<std::string> signature = decodeBase64(*verifier);
  if (!signature || !equalInConstantTime(asBytes(*signature), server_signature_)) {
    return Error{ErrorCode::Unproven,
                 "SCRAM: the backend's signature is wrong: it does not know the password"};
  }
  return std::nullopt;
}

}  // namespace peerpool::auth
