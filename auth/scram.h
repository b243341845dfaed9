// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL uses it: bytes in, bytes
// out, no I/O. Without channel binding ("n,,"): it needs TLS.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/crypto.h"
#include "auth/secret.h"
#include "proxy/base/bytes.h"
#include "proxy/base/result.h"

namespace peerpool::auth {

/// Below 4096 a backend, or whoever plays one, makes guessing the password from our proof cheap
/// (RFC 7677 section 4); above a million (about a second) it could keep the deriving thread busy.
inline constexpr std::uint32_t kMinScramIterations = 4096;
inline constexpr std::uint32_t kMaxScramIterations = 1'000'000;
/// Bounds for what a backend sends; PostgreSQL uses a salt of 16 bytes and far shorter messages.
inline constexpr std::size_t kMaxScramSalt = 256;
inline constexpr std::size_t kMaxScramMessage = 2048;

/// What a password is to be turned into keys with.
struct ScramChallenge {
  std::string salt;
  std::uint32_t iterations = 0;
};

/// As good as the password for one salt and iteration count; wiped when destroyed.
struct ScramKeys {
  Digest client_key{};
  Digest server_key{};

  ScramKeys() noexcept = default;
  ScramKeys(const ScramKeys&) noexcept = default;
  ScramKeys& operator=(const ScramKeys&) noexcept = default;
  ~ScramKeys();
};

/// Takes about 5 ms for 4096 iterations: on the resolver's thread, never on a worker. The password
/// is used as it is, without SASLprep: the same for ASCII, and what libpq falls back to for text
/// that cannot be prepared. Error (Refused): the secret is a stored verifier ("SCRAM-SHA-256$..."),
/// which proves nothing to a backend; (System): OpenSSL failed.
[[nodiscard]] Result<ScramKeys> deriveKeys(const Secret& password, const ScramChallenge& challenge);

/// A fresh nonce: 18 random bytes as base64.
[[nodiscard]] std::string makeScramNonce();

/// One exchange. Calls in the order clientFirst, onServerFirst, clientFinal, onServerFinal; another
/// order is a broken promise. After an error the exchange is over. One thread.
class ScramClient {
 public:
  /// `nonce`: printable ASCII without comma, from makeScramNonce(). `user` may stay empty:
  /// PostgreSQL takes the role of the startup packet.
  explicit ScramClient(std::string nonce, std::string_view user = {});

  /// The body of the SASLInitialResponse.
  [[nodiscard]] std::string clientFirst();
  /// Takes AuthenticationSASLContinue's data. Error: Protocol, or Limit for a count or salt out of
  /// bounds.
  [[nodiscard]] Result<ScramChallenge> onServerFirst(ByteView message);
  /// The body of the SASLResponse. Error (System): OpenSSL failed.
  [[nodiscard]] Result<std::string> clientFinal(const ScramKeys& keys);
  /// Takes AuthenticationSASLFinal's data. No value: the backend knows the password too. Otherwise
  /// Refused (its "e=" answer), Protocol, or Unproven for a wrong signature: close at once.
  [[nodiscard]] std::optional<Error> onServerFinal(ByteView message);

 private:
  enum class State : std::uint8_t { Start, SentFirst, Challenged, SentFinal, Done };

  State state_ = State::Start;
  std::string nonce_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string combined_nonce_;
  Digest server_signature_{};
};

}  // namespace peerpool::auth
