// The hash chain of the audit log, as a value and over restarts and rotations.

#include "proxy/observe/audit_chain.h"

#include <catch2/catch.hpp>
#include <cstdio>

#include "proxy/observe/audit_log.h"
#include "proxy/observe/audit_verify.h"
#include "tests/support/temp_dir.h"

namespace peerpool::observe {
namespace {

using testing::readFile;
using testing::TempDir;
using testing::writeFile;

class NoLog final : public Log {
 public:
  [[nodiscard]] bool wants(LogLevel) const noexcept override { return false; }
  void write(LogEvent) noexcept override {}
};

AuditLog::Settings settings() {
  AuditLog::Settings result;
  result.origin = {"i", 1};
  result.now = [] { return std::chrono::system_clock::time_point{}; };
  return result;
}

/// A run of the process that records `count` events.
void run(const std::string& path, int count) {
  NoLog log;
  AuditLog audit(path, settings(), log);
  for (int i = 0; i < count; ++i) {
    AuditEvent event;
    event.action = AuditAction::SessionEnded;
    event.reason = "number " + std::to_string(i);
    recordAfterwards(audit, std::move(event));
  }
  audit.flush();
}

ChainVerifier verified(const std::vector<std::string>& files) {
  ChainVerifier verifier;
  for (const std::string& file : files) {
    verifier.beginFile(file);
    verifier.read(readFile(file));
    verifier.endFile();
  }
  return verifier;
}

TEST_CASE("The hash of a line is SHA-256 over the previous one's digits and its own text") {
  // FIPS 180-4, of "abc" and of nothing.
  CHECK(chainHash("a", "bc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(chainHash("", "") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::string line = R"({"a":"b","event.sequence":7,"c":"d"})";
  const std::string hash = chainLine(line, chainBeginning());
  CHECK(hash == chainHash(chainBeginning(), R"({"a":"b","event.sequence":7,"c":"d")"));
  const auto parsed = parseChained(line);
  REQUIRE(parsed.has_value());
  CHECK(parsed->sequence == 7);
  CHECK(parsed->hash == hash);
  CHECK(parsed->previous == chainBeginning());
  CHECK(parsed->sound());
}

TEST_CASE("What is not exactly a line of a chain is none") {
  std::string good = R"({"a":1,"event.sequence":7,"c":2})";
  (void)chainLine(good, chainBeginning());
  for (std::size_t i = 0; i < good.size(); ++i) {
    CHECK_FALSE(parseChained(good.substr(0, i)).has_value());
    std::string other = good;
    other[i] = static_cast<char>(other[i] ^ 1);
    const auto parsed = parseChained(other);
    CHECK_FALSE((parsed && parsed->sound()));
  }
  CHECK_FALSE(parseChained(good + ' ').has_value());
  std::string zero = R"({"a":1,"event.sequence":0,"c":2})";
  (void)chainLine(zero, chainBeginning());
  CHECK_FALSE(parseChained(zero).has_value());
  std::string huge = R"({"a":1,"event.sequence":99999999999999999999,"c":2})";
  (void)chainLine(huge, chainBeginning());
  CHECK_FALSE(parseChained(huge).has_value());
}

TEST_CASE("The chain goes on where the file ends, run after run") {
  const TempDir directory;
  for (int i = 1; i <= 3; ++i) {
    run(directory / "a", i);
  }
  const ChainVerifier all = verified({directory / "a"});
  CHECK(all.whole());
  CHECK(all.lines() == 6);
  CHECK(all.last().sequence == 6);
}

TEST_CASE("The chain goes over a rotation into the new file, which says so in its first line") {
  const TempDir directory;
  NoLog log;
  AuditLog audit(directory / "a", settings(), log);
  recordAfterwards(audit, {});
  audit.flush();
  const ChainEnd before = audit.chainEnd();
  CHECK(before.sequence == 1);
  REQUIRE(std::rename((directory / "a").c_str(), (directory / "a.1").c_str()) == 0);
  audit.reopen();
  audit.flush();
  CHECK(readFile(directory / "a").find(before.hash) != std::string::npos);
  CHECK(readFile(directory / "a").find("chain-continued") != std::string::npos);
  recordAfterwards(audit, {});
  audit.flush();
  audit.reopen();  // Nobody renamed anything: no line about it.
  audit.flush();
  CHECK(audit.chainEnd().sequence == 3);
  const ChainVerifier both = verified({directory / "a.1", directory / "a"});
  CHECK(both.whole());
  CHECK(both.lines() == 3);
  CHECK(both.last() == audit.chainEnd());
  CHECK_FALSE(verified({directory / "a", directory / "a.1"}).whole());
}

TEST_CASE("What was cut off or is foreign at the end of the file is told by the next line") {
  const TempDir directory;
  run(directory / "a", 2);
  const std::string two = readFile(directory / "a");
  const ChainEnd end = verified({directory / "a"}).last();
  writeFile(directory / "a", two + two.substr(0, 50));
  run(directory / "a", 1);
  const std::string text = readFile(directory / "a");
  CHECK(text.find("chain-started") != std::string::npos);
  CHECK(text.find("51 bytes behind sequence 2, hash " + end.hash) != std::string::npos);
  const ChainVerifier cut = verified({directory / "a"});
  REQUIRE(cut.findings().size() == 1);
  CHECK(cut.findings()[0].fault == ChainFault::CutOff);
  CHECK(cut.findings()[0].line == 3);
  CHECK(cut.last().sequence == 4);

  writeFile(directory / "b", "{\"an\":\"old line\"}\n");
  run(directory / "b", 1);
  CHECK(readFile(directory / "b").find("no line in the file could be continued") !=
        std::string::npos);
  CHECK_FALSE(verified({directory / "b"}).whole());
}

}  // namespace
}  // namespace peerpool::observe
