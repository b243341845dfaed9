// Login at a backend, honest and hostile: messages in, bytes out.

#include "proxy/postgres/server_login.h"

#include <catch2/catch.hpp>
#include <string>

#include "auth/crypto.h"
#include "auth/secret.h"

using namespace peerpool;
using postgres::ServerLogin;
using Step = ServerLogin::Step;

namespace {

std::string authentication(std::uint32_t code, const std::string& data = {}) {
  std::string body;
  appendUint32(body, code);
  return body + data;
}

const std::string kOk = authentication(0);
const std::string kSasl = authentication(10, std::string("SCRAM-SHA-256\0\0", 15));
const std::string kKey = std::string("\0\0\x10\x01", 4) + "key!";

Step feed(ServerLogin& login, char type, const std::string& body, std::string* out = nullptr) {
  std::string ignored;
  return login.onMessage(type, asBytes(body), out == nullptr ? ignored : *out);
}

ServerLogin makeLogin(config::LoginMethod method) {
  return ServerLogin({"shop_rw", "shop", {{"search_path", "app"}}, method});
}

}  // namespace

TEST_CASE("The startup packet names role, database and the pool's parameters, and nothing else") {
  const std::string packet = *makeLogin(config::LoginMethod::Peer).startupPacket();
  const std::string body = std::string("user\0shop_rw\0database\0shop\0search_path\0app\0\0", 44);
  CHECK(readUint32(asBytes(packet)) == packet.size());
  CHECK(readUint32(asBytes(packet).subspan(4)) == 0x30002);
  CHECK(packet.substr(8) == body);
}

TEST_CASE("A startup packet that PostgreSQL would not read is not made") {
  // The version, five texts and the value's end, and the end of all.
  const std::size_t rest = 4 + 5 + 2 + 9 + 5 + 12 + 1 + 1;
  const auto packet = [](std::size_t length) {
    return postgres::makeStartupPacket("u", "shop", {{"search_path", std::string(length, 'x')}});
  };
  REQUIRE(packet(10'000 - rest));
  CHECK(packet(10'000 - rest)->size() == 10'004);
  REQUIRE_FALSE(packet(10'001 - rest));
  CHECK(packet(10'001 - rest).error().code == ErrorCode::Limit);
}

TEST_CASE("Login by peer or trust: accepted, told about, ready") {
  ServerLogin login = makeLogin(config::LoginMethod::Peer);
  CHECK(feed(login, 'R', kOk) == Step::Continue);
  CHECK(feed(login, 'S', std::string("TimeZone\0UTC\0", 13)) == Step::Continue);
  CHECK(feed(login, 'K', kKey) == Step::Continue);
  CHECK(asText(login.cancelKey().bytes()) == "key!");
  CHECK(feed(login, 'Z', "I") == Step::Done);
  CHECK(login.backendPid() == 4097);
  CHECK(*login.parameters().find("timezone") == "UTC");
}

TEST_CASE("A backend may speak less than the protocol that is asked for, and has keys to match") {
  struct Case {
    std::string negotiated;  // Body of NegotiateProtocolVersion; empty: none is sent.
    std::string key;
    bool good;
  };
  const auto version = [](std::uint32_t number, std::uint32_t options = 0) {
    std::string body;
    appendUint32(body, number);
    appendUint32(body, options);
    return body;
  };
  const std::string v30 = version(0x30000);
  const Case cases[] = {
      {"", std::string(32, 'k'), true},
      {"", std::string(4, 'k'), true},  // Negotiates nothing, and speaks 3.0.
      {"", std::string(256, 'k'), true},
      {"", std::string(3, 'k'), false},
      {"", std::string(257, 'k'), false},
      {"", "", false},
      {v30, std::string(4, 'k'), true},
      {v30, std::string(5, 'k'), false},
      {v30, std::string(32, 'k'), false},
      {version(0x30002), "key!", false},  // Nothing less: why say it?
      {version(0x30001), "key!", false},  // Never was one.
      {version(0x30003), "key!", false},
      {version(0x40000), "key!", false},
      {version(0x20000), "key!", false},
      {version(0x30000, 1) + "_pq_.x" + '\0', "key!", false},  // None was asked for.
      {version(0x30000, 1), "key!", false},
      {version(0x30000, 0xffffffff), "key!", false},
      {v30 + '\0', "key!", false},
      {v30.substr(1), "key!", false}};
  for (const Case& item : cases) {
    CAPTURE(item.negotiated, item.key.size());
    ServerLogin login = makeLogin(config::LoginMethod::Peer);
    Step step = Step::Continue;
    if (!item.negotiated.empty()) {
      step = feed(login, 'v', item.negotiated);
    }
    if (step == Step::Continue) {
      REQUIRE(feed(login, 'R', kOk) == Step::Continue);
      step = feed(login, 'K', std::string("\0\0\x10\x01", 4) + item.key);
    }
    CHECK((step == Step::Continue) == item.good);
    if (item.good) {
      CHECK(asText(login.cancelKey().bytes()) == item.key);
      CHECK(feed(login, 'Z', "I") == Step::Done);
    } else {
      CHECK(login.error().code == ErrorCode::Protocol);
    }
  }
  ServerLogin twice = makeLogin(config::LoginMethod::Peer);
  CHECK(feed(twice, 'v', v30) == Step::Continue);
  CHECK(feed(twice, 'v', v30) == Step::Failed);
  ServerLogin late = makeLogin(config::LoginMethod::Peer);
  CHECK(feed(late, 'R', kOk) == Step::Continue);
  CHECK(feed(late, 'v', v30) == Step::Failed);
  ServerLogin old({"a", "b", {}, config::LoginMethod::Peer, 0x30000});
  CHECK(readUint32(asBytes(*old.startupPacket()).subspan(4)) == 0x30000);
  CHECK(feed(old, 'v', v30) == Step::Failed);
}

TEST_CASE("Only an error that may be about the protocol's version is worth another try") {
  CHECK(postgres::mayRefuseVersion({ErrorCode::Refused, "unsupported frontend protocol", "0A000"}));
  CHECK(postgres::mayRefuseVersion({ErrorCode::Refused, "bad packet header", "08P01"}));
  CHECK_FALSE(postgres::mayRefuseVersion({ErrorCode::Refused, "no such role", "28000"}));
  CHECK_FALSE(postgres::mayRefuseVersion({ErrorCode::Refused, "no code", ""}));
  CHECK_FALSE(postgres::mayRefuseVersion({ErrorCode::Protocol, "ours", "08P01"}));
}

TEST_CASE("The backend's refusal comes through with its words and SQLSTATE") {
  ServerLogin login = makeLogin(config::LoginMethod::Peer);
  const std::string body = std::string("SFATAL\0VFATAL\0C3D000\0Mno such database\0\0", 40);
  CHECK(feed(login, 'E', body) == Step::Failed);
  CHECK(login.error().code == ErrorCode::Refused);
  CHECK(login.error().sqlstate == "3D000");
  CHECK(login.error().text == "no such database");
}

TEST_CASE("Only the configured way to prove a role is answered") {
  struct Case {
    config::LoginMethod method;
    std::string request;
    ErrorCode code;
  };
  const Case cases[] = {
      {config::LoginMethod::Peer, authentication(3), ErrorCode::Protocol},           // Cleartext.
      {config::LoginMethod::Trust, authentication(5, "salt"), ErrorCode::Protocol},  // MD5.
      {config::LoginMethod::Peer, kSasl, ErrorCode::Protocol},
      {config::LoginMethod::Scram, authentication(3), ErrorCode::Protocol},
      {config::LoginMethod::Scram, authentication(5, "salt"), ErrorCode::Protocol},
      {config::LoginMethod::Scram, kOk, ErrorCode::Unproven},  // Lets everybody in: not ours.
      {config::LoginMethod::Scram, authentication(10, std::string("OTHER\0\0", 7)),
       ErrorCode::Protocol},
      {config::LoginMethod::Scram, authentication(12, "v=x"), ErrorCode::Protocol},
  };
  for (const Case& item : cases) {
    ServerLogin login = makeLogin(item.method);
    std::string out;
    CHECK(feed(login, 'R', item.request, &out) == Step::Failed);
    CHECK(out.empty());
    CHECK(login.error().code == item.code);
  }
}

TEST_CASE("Messages out of turn end the login") {
  struct Case {
    char type;
    std::string body;
  };
  const Case cases[] = {{'S', std::string("TimeZone\0UTC\0", 13)},
                        {'K', kKey},
                        {'Z', "I"},
                        {'D', "row"},
                        {'R', "x"},
                        {'E', "no terminator"}};
  for (const Case& item : cases) {
    ServerLogin login = makeLogin(config::LoginMethod::Peer);
    INFO("message " << item.type);
    CHECK(feed(login, item.type, item.body) == Step::Failed);
    CHECK(login.error().code == ErrorCode::Protocol);
  }
  ServerLogin twice = makeLogin(config::LoginMethod::Peer);
  CHECK(feed(twice, 'R', kOk) == Step::Continue);
  CHECK(feed(twice, 'R', kOk) == Step::Failed);
  ServerLogin in_transaction = makeLogin(config::LoginMethod::Peer);
  CHECK(feed(in_transaction, 'R', kOk) == Step::Continue);
  CHECK(feed(in_transaction, 'Z', "T") == Step::Failed);
}

TEST_CASE("SCRAM proves both sides to each other") {
  ServerLogin login = makeLogin(config::LoginMethod::Scram);
  std::string out;
  REQUIRE(feed(login, 'R', kSasl, &out) == Step::Continue);
  // p, length, mechanism, length of the response, response: "n,,n=,r=NONCE".
  const std::string first = out.substr(out.find("n,,") + 3);
  const std::string nonce = first.substr(first.find("r=") + 2);
  const std::string salt = "0123456789abcdef";
  const std::string server_first =
      "r=" + nonce + "SERVER,s=" + auth::encodeBase64(asBytes(salt)) + ",i=4096";
  REQUIRE(feed(login, 'R', authentication(11, server_first), &out) == Step::DeriveKeys);
  CHECK(login.challenge().salt == salt);
  const auto keys = auth::deriveKeys(auth::Secret(asBytes("password")), login.challenge());
  REQUIRE(keys);
  out.clear();
  REQUIRE(login.onKeys(*keys, out) == Step::Continue);
  const std::string client_final = out.substr(5);
  const std::string without_proof = client_final.substr(0, client_final.find(",p="));
  const std::string auth_message = first + "," + server_first + "," + without_proof;
  const auth::Digest signature = auth::hmacSha256(keys->server_key, asBytes(auth_message));

  SECTION("a server that knows the password is accepted") {
    REQUIRE(feed(login, 'R', authentication(12, "v=" + auth::encodeBase64(signature))) ==
            Step::Continue);
    CHECK(feed(login, 'R', kOk) == Step::Continue);
    CHECK(feed(login, 'Z', "I") == Step::Done);
  }
  SECTION("a server that does not know it is an impostor") {
    const std::string wrong(32, 'x');
    CHECK(feed(login, 'R', authentication(12, "v=" + auth::encodeBase64(asBytes(wrong)))) ==
          Step::Failed);
    CHECK(login.error().code == ErrorCode::Unproven);
  }
  SECTION("a server that skips its proof is an impostor") {
    CHECK(feed(login, 'R', kOk) == Step::Failed);
    CHECK(login.error().code == ErrorCode::Unproven);
  }
}
