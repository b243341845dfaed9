// The messages between peerpool and peerpool-attest, whichever of the two is hostile.

#include <cstddef>
#include <cstdint>

#include "auth/attestation.h"
#include "proxy/base/check.h"

using namespace peerpool;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView packet(data, size);
  if (const auto question = auth::parseQuestion(packet)) {
    check(auth::encodeQuestion(*question) == asText(packet), "a question with two spellings");
  }
  if (const auto answer = auth::parseAnswer(packet)) {
    check(auth::encodeAnswer(*answer) == asText(packet), "an answer with two spellings");
    const auto fact = auth::executableOf(*answer, answer->euid);
    check(fact.isKnown() == (answer->status == auth::AttestationStatus::Known),
          "known and unknown at once");
    check(!fact.isKnown() || fact.find()->sha256.empty() != fact.find()->sha256_why_not.empty(),
          "a digest and a reason why there is none");
  }
  return 0;
}
