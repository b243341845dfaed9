// The cryptographic functions against published vectors, and strict base64.

#include "auth/crypto.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace peerpool::auth {
namespace {

std::string hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  return out;
}

TEST_CASE("SHA-256 gives the values of FIPS 180-4") {
  CHECK(hex(sha256(asBytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231") {
  const std::string key(20, '\x0b');
  CHECK(hex(hmacSha256(asBytes(key), asBytes("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmacSha256(asBytes("Jefe"), asBytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmacSha256({}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("PBKDF2 gives the values of RFC 7914") {
  CHECK(hex(pbkdf2Sha256(asBytes("passwd"), asBytes("salt"), 1)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK_THROWS_AS(pbkdf2Sha256(asBytes("passwd"), asBytes("salt"), 0), std::runtime_error);
}

TEST_CASE("comparison takes content and length into account") {
  CHECK(equalInConstantTime({}, {}));
  CHECK(equalInConstantTime(asBytes("abc"), asBytes("abc")));
  CHECK_FALSE(equalInConstantTime(asBytes("abc"), asBytes("abd")));
  CHECK_FALSE(equalInConstantTime(asBytes("abc"), asBytes("ab")));
  CHECK_FALSE(equalInConstantTime(asBytes("abc"), {}));
}

TEST_CASE("random bytes differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = randomBytes(16);
    CHECK(bytes.size() == 16);
    seen.insert(bytes);
  }
  CHECK(seen.size() == 100);
  CHECK(randomBytes(0).empty());
}

TEST_CASE("base64 goes both ways as RFC 4648 has it") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    CHECK(encodeBase64(asBytes(plain)) == encoded);
    CHECK(decodeBase64(encoded) == plain);
  }
  for (std::size_t size = 0; size < 64; ++size) {
    const std::string bytes = randomBytes(size);
    CHECK(decodeBase64(encodeBase64(asBytes(bytes))) == bytes);
  }
}

TEST_CASE("base64 that is not exactly right is refused") {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n",
                          "Z=g=", "Zg==Zg==", "Zm-_", "Zm9\xc3", "a==="}) {
    CAPTURE(bad);
    CHECK(decodeBase64(bad) == std::nullopt);
  }
  CHECK(decodeBase64(std::string_view("Zm\0v", 4)) == std::nullopt);
}

}  // namespace
}  // namespace peerpool::auth
