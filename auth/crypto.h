// The few cryptographic functions that SCRAM needs, and the only user of OpenSSL in this layer.
// No protocol is known here.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/base/bytes.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace peerpool::auth {

/// A SHA-256 value.
using Digest = std::array<std::uint8_t, 32>;

/// FIPS 180-4, RFC 2104 and RFC 8018. They throw std::runtime_error when OpenSSL cannot compute
/// them (out of memory, SHA-256 switched off).
[[nodiscard]] Digest sha256(ByteView data);
/// The same of data that comes in pieces.
class Sha256 {
 public:
  Sha256();
  void add(ByteView data);
  /// Once, after all pieces.
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] Digest hmacSha256(ByteView key, ByteView data);
/// `iterations` from 1 on. Takes about 1 µs for each: not on a worker.
[[nodiscard]] Digest pbkdf2Sha256(ByteView password, ByteView salt, std::uint32_t iterations);

/// Takes equally long wherever the first difference is; the lengths are no secret.
[[nodiscard]] bool equalInConstantTime(ByteView left, ByteView right) noexcept;

/// From getrandom(2); throws std::system_error when the kernel gives none.
[[nodiscard]] std::string randomBytes(std::size_t count);

/// RFC 4648 section 4. Decoding is strict: padding required, no spaces, unused bits zero.
[[nodiscard]] std::string encodeBase64(ByteView bytes);
[[nodiscard]] std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace peerpool::auth
