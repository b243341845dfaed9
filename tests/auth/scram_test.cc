// SCRAM-SHA-256 against the exchange of RFC 7677, and what a hostile backend may send instead.

#include "auth/scram.h"

#include <catch2/catch.hpp>
#include <string>

namespace peerpool::auth {
namespace {

constexpr char kNonce[] = "rOprNGfwEbeRWgbNEkqO";
const std::string kServerNonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string kServerFirst = "r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr char kServerFinal[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

Secret secret(std::string_view text) { return Secret(asBytes(text)); }

/// Both messages of the exchange of RFC 7677, up to the backend's final one.
ScramClient exchanged(std::string_view password) {
  ScramClient client(kNonce, "user");
  static_cast<void>(client.clientFirst());
  const auto challenge = client.onServerFirst(asBytes(kServerFirst));
  REQUIRE(challenge);
  const auto keys = deriveKeys(secret(password), *challenge);
  REQUIRE(keys);
  REQUIRE(client.clientFinal(*keys));
  return client;
}

ErrorCode failure(const std::string& server_first) {
  ScramClient client(kNonce);
  static_cast<void>(client.clientFirst());
  const auto result = client.onServerFirst(asBytes(server_first));
  REQUIRE_FALSE(result);
  return result.error().code;
}

TEST_CASE("the exchange of RFC 7677 comes out byte by byte") {
  ScramClient client(kNonce, "user");
  CHECK(client.clientFirst() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const auto challenge = client.onServerFirst(asBytes(kServerFirst));
  REQUIRE(challenge);
  CHECK(challenge->iterations == 4096);
  CHECK(encodeBase64(asBytes(challenge->salt)) == "W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto keys = deriveKeys(secret("pencil"), *challenge);
  REQUIRE(keys);
  const auto last = client.clientFinal(*keys);
  REQUIRE(last);
  CHECK(*last == "c=biws,r=" + kServerNonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK(client.onServerFinal(asBytes(kServerFinal)) == std::nullopt);
}

TEST_CASE("without a user the name is empty, and a name cannot end its attribute") {
  CHECK(ScramClient("abc").clientFirst() == "n,,n=,r=abc");
  CHECK(ScramClient("abc", "a,b=c").clientFirst() == "n,,n=a=2Cb=3Dc,r=abc");
}

TEST_CASE("a backend that does not know the password is an impostor (check 45)") {
  auto client = exchanged("pencil");
  const auto error =
      client.onServerFinal(asBytes("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  REQUIRE(error);
  CHECK(error->code == ErrorCode::Unproven);
  auto other = exchanged("pen");
  CHECK(other.onServerFinal(asBytes(kServerFinal))->code == ErrorCode::Unproven);
  auto shorter = exchanged("pencil");
  CHECK(shorter.onServerFinal(asBytes("v=6rri"))->code == ErrorCode::Unproven);
  auto empty = exchanged("pencil");
  CHECK(empty.onServerFinal(asBytes("v="))->code == ErrorCode::Unproven);
}

TEST_CASE("the backend's refusal is told, escaped") {
  auto client = exchanged("pencil");
  const auto error = client.onServerFinal(asBytes("e=invalid-proof\n"));
  REQUIRE(error);
  CHECK(error->code == ErrorCode::Refused);
  CHECK(error->text == "SCRAM: the backend refused: \"invalid-proof\\x0a\"");
}

TEST_CASE("malformed final messages are refused") {
  for (const std::string& bad :
       {std::string(), std::string("v"), std::string("x=1"), std::string(kServerFinal) + ",",
        std::string(kServerFinal) + ",a=b", std::string(" ") + kServerFinal}) {
    CAPTURE(bad);
    auto client = exchanged("pencil");
    CHECK(client.onServerFinal(asBytes(bad))->code == ErrorCode::Protocol);
  }
  auto client = exchanged("pencil");
  CHECK(client.onServerFinal(asBytes("v=" + std::string(kMaxScramMessage, 'A')))->code ==
        ErrorCode::Limit);
}

TEST_CASE("malformed first messages are refused") {
  const std::string nonce = "r=" + kServerNonce;
  for (const std::string& bad : {std::string(),
                                 std::string("r"),
                                 std::string("r="),
                                 nonce,
                                 nonce + ",s=QQ==",
                                 nonce + ",i=4096",
                                 nonce + ",s=QQ==,i=",
                                 nonce + ",s=QQ==,i=4096,",
                                 nonce + ",s=QQ==,i=4096,x=1",
                                 nonce + ",s=,i=4096",
                                 nonce + ",s=QQ=,i=4096",
                                 nonce + ",s=Q Q=,i=4096",
                                 nonce + ",s=QQ==,i=04096",
                                 nonce + ",s=QQ==,i=-1",
                                 nonce + ",s=QQ==,i=+4096",
                                 nonce + ",s=QQ==,i=4096 ",
                                 nonce + ",s=QQ==,i=99999999999",
                                 nonce + ",s=QQ==,i=18446744073709551616",
                                 nonce + ",i=4096,s=QQ==",
                                 "m=x," + kServerFirst,
                                 std::string("r=") + kNonce + ",s=QQ==,i=4096",
                                 std::string("r=x,s=QQ==,i=4096"),
                                 "r=x" + kServerNonce + ",s=QQ==,i=4096",
                                 nonce + " ,s=QQ==,i=4096",
                                 nonce + '\0' + ",s=QQ==,i=4096"}) {
    CAPTURE(bad);
    CHECK(failure(bad) == ErrorCode::Protocol);
  }
}

TEST_CASE("every byte string cut from a good message is refused without harm") {
  for (std::size_t size = 0; size < kServerFirst.size(); ++size) {
    CAPTURE(size);
    const std::string cut = kServerFirst.substr(0, size);
    CHECK((failure(cut) == ErrorCode::Protocol || cut.find("i=4") != std::string::npos));
  }
}

TEST_CASE("what would cost too much or prove too little is refused") {
  const auto with = [](const std::string& salt, const std::string& count) {
    return "r=" + kServerNonce + ",s=" + salt + ",i=" + count;
  };
  CHECK(failure(with("QQ==", "1")) == ErrorCode::Limit);
  CHECK(failure(with("QQ==", "4095")) == ErrorCode::Limit);
  CHECK(failure(with("QQ==", "1000001")) == ErrorCode::Limit);
  CHECK(failure(with("QQ==", "999999999")) == ErrorCode::Limit);
  const std::string long_salt = encodeBase64(asBytes(std::string(kMaxScramSalt + 1, 'x')));
  CHECK(failure(with(long_salt, "4096")) == ErrorCode::Limit);
  CHECK(failure(with(std::string(kMaxScramMessage, 'A'), "4096")) == ErrorCode::Limit);
  ScramClient client(kNonce);
  static_cast<void>(client.clientFirst());
  const std::string longest_salt(kMaxScramSalt, 'x');
  const auto challenge =
      client.onServerFirst(asBytes(with(encodeBase64(asBytes(longest_salt)), "1000000")));
  REQUIRE(challenge);
  CHECK(challenge->salt == longest_salt);
  CHECK(challenge->iterations == 1'000'000);
}

TEST_CASE("a stored verifier is not a password") {
  const auto keys = deriveKeys(secret("SCRAM-SHA-256$4096:c2FsdA==$a:b"), {"salt", 4096});
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == ErrorCode::Refused);
  CHECK(keys.error().text.find("c2FsdA") == std::string::npos);
}

TEST_CASE("passwords are used as they are, byte by byte") {
  const auto plain = deriveKeys(secret("p\xc3\xa4ss"), {"salt", 4096});
  const auto same = deriveKeys(secret("p\xc3\xa4ss"), {"salt", 4096});
  const auto composed = deriveKeys(secret("pa\xcc\x88ss"), {"salt", 4096});
  REQUIRE((plain && same && composed));
  CHECK(plain->client_key == same->client_key);
  CHECK(plain->client_key != composed->client_key);
  CHECK(plain->client_key != plain->server_key);
}

TEST_CASE("nonces are fresh and fit the protocol") {
  const std::string nonce = makeScramNonce();
  CHECK(nonce.size() == 24);
  CHECK(nonce != makeScramNonce());
  CHECK(nonce.find(',') == std::string::npos);
}

}  // namespace
}  // namespace peerpool::auth
