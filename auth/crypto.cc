// OpenSSL and getrandom(2), wrapped.

#include "auth/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <system_error>

namespace peerpool::auth {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void require(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(std::string("OpenSSL cannot compute ") + what);
  }
}

/// OpenSSL takes lengths as int; ours are bounded far below, so a larger one is a failure.
int toInt(std::size_t size, const char* what) {
  require(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()), what);
  return static_cast<int>(size);
}

/// The six bits that `character` stands for, or -1.
int sextet(char character) {
  const std::size_t found = kAlphabet.find(character);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

}  // namespace

Digest sha256(ByteView data) {
  Digest digest{};
  require(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1,
          "SHA-256");
  return digest;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
          "SHA-256");
}

void Sha256::add(ByteView data) {
  require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1, "SHA-256");
}

Digest Sha256::finish() {
  Digest digest{};
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1, "SHA-256");
  return digest;
}

Digest hmacSha256(ByteView key, ByteView data) {
  Digest digest{};
  unsigned int size = 0;
  // HMAC() takes a null key for "the previous one": an empty view must not look like that.
  const std::uint8_t none = 0;
  const unsigned char* result =
      HMAC(EVP_sha256(), key.empty() ? &none : key.data(), toInt(key.size(), "HMAC-SHA-256"),
           data.data(), data.size(), digest.data(), &size);
  require(result != nullptr && size == digest.size(), "HMAC-SHA-256");
  return digest;
}

Digest pbkdf2Sha256(ByteView password, ByteView salt, std::uint32_t iterations) {
  Digest digest{};
  constexpr char kWhat[] = "PBKDF2";
  require(iterations > 0, kWhat);
  const int done = PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(password.data()),
                                     toInt(password.size(), kWhat), salt.data(),
                                     toInt(salt.size(), kWhat), toInt(iterations, kWhat),
                                     EVP_sha256(), static_cast<int>(digest.size()), digest.data());
  require(done == 1, kWhat);
  return digest;
}

bool equalInConstantTime(ByteView left, ByteView right) noexcept {
  return left.size() == right.size() &&
         (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

std::string randomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::getrandom(bytes.data() + filled, count - filled, 0);
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
  }
  return bytes;
}

std::string encodeBase64(ByteView bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = std::uint32_t{bytes[i]} << 16;
    group |= left > 1 ? std::uint32_t{bytes[i + 1]} << 8 : 0;
    group |= left > 2 ? std::uint32_t{bytes[i + 2]} : 0;
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= left ? kAlphabet[(group >> (18 - 6 * j)) & 0x3f] : '=';
    }
  }
  return out;
}

std::optional<std::string> decodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  std::string out;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char character : text.substr(0, text.size() - padding)) {
    const int value = sextet(character);
    if (value < 0) {
      return std::nullopt;
    }
    bits = ((bits << 6) | static_cast<std::uint32_t>(value)) & 0xffff;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out += static_cast<char>((bits >> bit_count) & 0xff);
    }
  }
  // Two texts for one value would let a message be changed without changing what it says.
  const std::uint32_t unused = bits & ((1U << bit_count) - 1);
  return unused == 0 ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

}  // namespace peerpool::auth
