// A hostile backend at login: any messages for the SCRAM exchange alone, and for the whole login.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "auth/crypto.h"
#include "auth/scram.h"
#include "proxy/base/check.h"
#include "proxy/postgres/server_login.h"
#include "proxy/postgres/whole_message.h"

using namespace peerpool;

namespace {

constexpr char kNonce[] = "ab";

// Keys as good as any: deriving real ones would take all the time.
auth::ScramKeys someKeys() {
  auth::ScramKeys keys;
  keys.client_key.fill(1);
  keys.server_key.fill(2);
  return keys;
}

// What only a backend that knows the password can say.
std::string rightAnswer(const std::string& server_first, const std::string& client_final) {
  const std::string without_proof = client_final.substr(0, client_final.rfind(",p="));
  const std::string message =
      std::string("n=,r=") + kNonce + ',' + server_first + ',' + without_proof;
  return "v=" + auth::encodeBase64(auth::hmacSha256(someKeys().server_key, asBytes(message)));
}

void exchange(ByteView server_first, ByteView server_final) {
  auth::ScramClient client(kNonce);
  check(client.clientFirst() == std::string("n,,n=,r=") + kNonce, "the first message changed");
  const auto challenge = client.onServerFirst(server_first);
  if (!challenge) {
    return;
  }
  check(challenge->iterations >= auth::kMinScramIterations &&
            challenge->iterations <= auth::kMaxScramIterations && !challenge->salt.empty() &&
            challenge->salt.size() <= auth::kMaxScramSalt,
        "a challenge out of bounds");
  auth::ScramClient twin = client;
  const auto last = client.clientFinal(someKeys());
  check(last && last->rfind(std::string("c=biws,r=") + kNonce, 0) == 0, "no final message");
  const std::string right = rightAnswer(std::string(asText(server_first)), *last);
  const bool accepted = !client.onServerFinal(server_final).has_value();
  // Base64 has one spelling, and nothing may stand around it.
  check(accepted == (asText(server_final) == right), "a backend that proved nothing is accepted");
  check(twin.clientFinal(someKeys()) && !twin.onServerFinal(asBytes(right)),
        "a backend that proved itself is refused");
}

void logIn(ByteView messages, config::LoginMethod method) {
  using Step = postgres::ServerLogin::Step;
  postgres::ServerLogin login({"role", "database", {}, method});
  const Result<std::string> packet = login.startupPacket();
  check(packet.has_value(), "a short role and database make a packet");
  std::string out = *packet;
  while (true) {
    const postgres::WholeMessage message = postgres::readWhole(messages, 16 * 1024);
    if (message.step != postgres::WholeMessage::Step::Got) {
      return;
    }
    messages = messages.subspan(message.length);
    Step step = login.onMessage(message.type, message.body, out);
    if (step == Step::DeriveKeys) {
      step = login.onKeys(someKeys(), out);
    }
    check(out.size() < 64 * 1024, "an answer without end");
    // With a fresh random nonce nobody can prove himself, so a scram login never succeeds.
    check(step != Step::Done || method != config::LoginMethod::Scram, "logged in unproven");
    if (step != Step::Continue) {
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (size < 2) {
    return 0;
  }
  const ByteView rest = input.subspan(2);
  const std::size_t cut = std::min<std::size_t>(rest.size(), input[1]);
  switch (input[0] % 3) {
    case 0:
      exchange(rest.first(cut), rest.subspan(cut));
      break;
    case 1:
      logIn(rest, config::LoginMethod::Scram);
      break;
    default:
      logIn(rest, config::LoginMethod::Trust);
  }
  return 0;
}
