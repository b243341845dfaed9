// Messages with peerpool-attest: there and back, and everything that is not one.

#include "auth/attestation.h"

#include <catch2/catch.hpp>
#include <string>

namespace peerpool::auth {
namespace {

AttestationAnswer known() {
  AttestationAnswer answer;
  answer.id = 0x0123456789abcdef;
  answer.status = AttestationStatus::Known;
  answer.digest_status = DigestStatus::Known;
  answer.euid = 1001;
  answer.file = {0xfd00000001, 77, -5};
  answer.owner = 3;
  answer.mode = 0100755;
  answer.deleted = true;
  answer.digest.fill(0xab);
  answer.path = "/usr/bin/psql";
  return answer;
}

bool isAnswer(const std::string& packet) { return parseAnswer(asBytes(packet)).has_value(); }
bool isQuestion(const std::string& packet) { return parseQuestion(asBytes(packet)).has_value(); }

TEST_CASE("Questions come back as they were sent") {
  for (const bool digest : {false, true}) {
    const AttestationQuestion question{0xfedcba9876543210, digest};
    const std::string packet = encodeQuestion(question);
    CHECK(packet.size() == kQuestionSize);
    CHECK(parseQuestion(asBytes(packet)) == question);
  }
}

TEST_CASE("Answers come back as they were sent") {
  AttestationAnswer answer = known();
  CHECK(parseAnswer(asBytes(encodeAnswer(answer))) == answer);
  answer.path = '/' + std::string(kMaxAttestedPath - 1, 'x');
  const std::string longest = encodeAnswer(answer);
  CHECK(longest.size() == kMaxAnswerSize);
  CHECK(parseAnswer(asBytes(longest)) == answer);
  for (const auto status :
       {AttestationStatus::Ended, AttestationStatus::OutsidePids, AttestationStatus::OtherMounts,
        AttestationStatus::Forbidden, AttestationStatus::NoProgram, AttestationStatus::Malformed}) {
    AttestationAnswer failed;
    failed.id = 7;
    failed.status = status;
    CHECK(parseAnswer(asBytes(encodeAnswer(failed))) == failed);
    CHECK_FALSE(executableOf(failed, 0).isKnown());
    CHECK(executableOf(failed, 0).whyNot() == describe(status));
    CHECK_FALSE(describe(status).empty());
  }
}

TEST_CASE("A packet of any other length is no message") {
  const std::string question = encodeQuestion({1, true});
  const std::string answer = encodeAnswer(known());
  for (std::size_t size = 0; size < question.size(); ++size) {
    CHECK_FALSE(isQuestion(question.substr(0, size)));
  }
  for (std::size_t size = 0; size < answer.size(); ++size) {
    CHECK_FALSE(isAnswer(answer.substr(0, size)));
  }
  CHECK_FALSE(isQuestion(question + '\0'));
  CHECK_FALSE(isAnswer(answer + 'x'));
  CHECK_FALSE(isAnswer(std::string(kMaxAnswerSize + 1, '\0')));
}

TEST_CASE("Unknown versions, flags and states are no message") {
  std::string packet = encodeQuestion({1, true});
  packet[3] = '2';
  CHECK_FALSE(isQuestion(packet));
  packet = encodeQuestion({1, true});
  packet.back() = 2;
  CHECK_FALSE(isQuestion(packet));
  const std::string answer = encodeAnswer(known());
  for (const auto& [offset, value] :
       {std::pair{3, '2'}, {13, '\x07'}, {15, '\x07'}, {19, '\x02'}}) {
    packet = answer;
    packet[static_cast<std::size_t>(offset)] = value;
    CHECK_FALSE(isAnswer(packet));
  }
}

TEST_CASE("An answer that contradicts itself is none") {
  AttestationAnswer answer = known();
  answer.path.clear();
  CHECK_FALSE(isAnswer(encodeAnswer(answer)));
  answer = known();
  answer.path[1] = '\0';
  CHECK_FALSE(isAnswer(encodeAnswer(answer)));
  answer = known();
  answer.digest_status = DigestStatus::TooLarge;
  CHECK_FALSE(isAnswer(encodeAnswer(answer)));
  answer = known();
  answer.digest = {};
  CHECK_FALSE(isAnswer(encodeAnswer(answer)));
  answer = known();
  answer.status = AttestationStatus::Ended;
  CHECK_FALSE(isAnswer(encodeAnswer(answer)));
}

TEST_CASE("An answer becomes what the policy asks for") {
  AttestationAnswer answer = known();
  answer.owner = 0;
  const Fact<Executable> fact = executableOf(answer, 1001);
  REQUIRE(fact.isKnown());
  CHECK(fact.find()->path == "/usr/bin/psql");
  CHECK(fact.find()->file == answer.file);
  CHECK(fact.find()->roots_alone);
  CHECK(fact.find()->deleted);
  CHECK(fact.find()->sha256.substr(0, 4) == "abab");
  CHECK(fact.find()->sha256.size() == 64);
  CHECK(executableOf(answer, 1002).whyNot() == "it has changed its uid since it connected");
  answer.mode = 0100775;
  CHECK_FALSE(executableOf(answer, 1001).find()->roots_alone);
  answer.mode = 0100755;
  answer.owner = 1001;
  CHECK_FALSE(executableOf(answer, 1001).find()->roots_alone);
  answer.digest = {};
  for (const auto status :
       {DigestStatus::NotAsked, DigestStatus::TooLarge, DigestStatus::TooOften,
        DigestStatus::Changed, DigestStatus::Unreadable, DigestStatus::UserSpace}) {
    answer.digest_status = status;
    const Fact<Executable> unhashed = executableOf(answer, 1001);
    CHECK(unhashed.find()->sha256.empty());
    CHECK(unhashed.find()->sha256_why_not == describe(status));
  }
}

}  // namespace
}  // namespace peerpool::auth
