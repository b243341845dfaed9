// What is done to an audit log, and what the verifier says of it.

#include "proxy/observe/audit_verify.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace peerpool::observe {
namespace {

std::vector<std::string> chain(std::size_t count, std::string previous = chainBeginning(),
                               std::uint64_t sequence = 0) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines.push_back(R"({"at":"now","event.sequence":)" + std::to_string(++sequence) +
                    R"(,"who":"alice"})");
    previous = chainLine(lines.back(), previous);
  }
  return lines;
}

ChainVerifier verified(const std::vector<std::string>& lines, const std::string& expected = {}) {
  ChainVerifier verifier(expected);
  verifier.beginFile("f");
  for (const std::string& line : lines) {
    verifier.read(line);
    verifier.read("\n");
  }
  verifier.endFile();
  return verifier;
}

void checkOne(const ChainVerifier& verifier, ChainFault fault, std::uint64_t line) {
  CHECK_FALSE(verifier.whole());
  REQUIRE(verifier.findings().size() == 1);
  CHECK(verifier.findings()[0].fault == fault);
  CHECK(verifier.findings()[0].line == line);
  CHECK(verifier.findings()[0].file == "f");
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

TEST_CASE("A chain as it was written is whole, also in pieces and from its middle on") {
  const std::vector<std::string> lines = chain(5);
  CHECK(verified(lines).whole());
  CHECK(verified(lines).lines() == 5);
  CHECK(verified({lines.begin() + 2, lines.end()}).first()->sequence == 2);
  CHECK(verified({lines.begin() + 2, lines.end()}).whole());
  std::string text;
  for (const std::string& line : lines) {
    text += line + '\n';
  }
  ChainVerifier bytewise;
  bytewise.beginFile("f");
  for (const char byte : text) {
    bytewise.read(std::string_view(&byte, 1));
  }
  bytewise.endFile();
  CHECK(bytewise.whole());
  CHECK(bytewise.lines() == 5);
  CHECK_FALSE(verified({}).whole());
}

TEST_CASE("A changed line is named, with its old hash, a new one or none") {
  std::vector<std::string> lines = chain(5);
  lines[2] = replaced(lines[2], "alice", "mallory");
  checkOne(verified(lines), ChainFault::Changed, 3);
  lines = chain(5);
  const std::string before(parseChained(lines[2])->previous);
  lines[2] = R"({"at":"now","event.sequence":3,"who":"mallory"})";
  const std::string bare = lines[2];
  (void)chainLine(lines[2], before);
  checkOne(verified(lines), ChainFault::Changed, 3);
  lines[2] = bare;
  checkOne(verified(lines), ChainFault::Changed, 3);
}

TEST_CASE("Removed lines are counted where they are missing") {
  std::vector<std::string> lines = chain(6);
  lines.erase(lines.begin() + 2, lines.begin() + 4);
  const ChainVerifier verifier = verified(lines);
  checkOne(verifier, ChainFault::Removed, 3);
  CHECK(verifier.findings()[0].text == "missing before this one: 2 lines");
}

TEST_CASE("Inserted lines are named, with a hash that fits or without one") {
  std::vector<std::string> lines = chain(5);
  std::string sound = R"({"at":"now","event.sequence":4,"who":"mallory"})";
  (void)chainLine(sound, parseChained(lines[2])->hash);
  lines.insert(lines.begin() + 3, sound);
  checkOne(verified(lines), ChainFault::Inserted, 4);
  lines[3] = "{\"who\":\"mallory\"}";
  checkOne(verified(lines), ChainFault::Inserted, 4);
  lines = chain(5);
  lines.insert(lines.begin() + 3, lines[0]);
  CHECK_FALSE(verified(lines).whole());
}

TEST_CASE("Lines that changed places, and a second chain in the file, are a broken chain") {
  std::vector<std::string> lines = chain(5);
  std::swap(lines[1], lines[2]);
  CHECK_FALSE(verified(lines).whole());
  lines = chain(3);
  const std::vector<std::string> again = chain(3);
  lines.insert(lines.end(), again.begin(), again.end());
  checkOne(verified(lines), ChainFault::Restarted, 4);
}

TEST_CASE("A line that is cut off is named, and an end that is missing by a hash kept elsewhere") {
  std::vector<std::string> lines = chain(5);
  const std::string anchor(parseChained(lines[4])->hash);
  CHECK(verified(lines, anchor).whole());
  lines.pop_back();
  CHECK(verified(lines).whole());  // Nothing in the file tells.
  CHECK_FALSE(verified(lines, anchor).whole());
  CHECK_FALSE(verified(lines, anchor).expectedFound());
  lines.back().resize(40);
  ChainVerifier verifier;
  verifier.beginFile("f");
  for (const std::string& line : lines) {
    verifier.read(line);
    verifier.read(&line == &lines.back() ? "" : "\n");
  }
  verifier.endFile();
  checkOne(verifier, ChainFault::CutOff, 4);
}

TEST_CASE("A hash from before the first line's file is found in what that line follows") {
  const std::vector<std::string> lines = chain(5);
  const std::string anchor(parseChained(lines[1])->hash);
  CHECK(verified({lines.begin() + 2, lines.end()}, anchor).whole());
  CHECK_FALSE(verified({lines.begin() + 3, lines.end()}, anchor).whole());
}

TEST_CASE("Lines without end are skipped in bounded memory, and findings are bounded") {
  ChainVerifier verifier;
  verifier.beginFile("f");
  const std::string piece(1 << 16, 'x');
  for (int i = 0; i < 40; ++i) {
    verifier.read(piece);
  }
  verifier.read("\n");
  for (int i = 0; i < 1000; ++i) {
    verifier.read("nonsense\n");
  }
  verifier.endFile();
  CHECK(verifier.findings().size() == ChainVerifier::kMostFindings);
  CHECK(verifier.more() == 901);
  CHECK(verifier.findings()[0].line == 1);
}

TEST_CASE("Whatever is done to a line of a chain in front of its last one is found") {
  std::minstd_rand random(20260101);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> lines = chain(6);
    const std::vector<std::string> before = lines;
    const std::size_t at = 1 + random() % 4;  // Neither the first nor the last: those need anchors.
    switch (random() % 5) {
      case 0:
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        lines[at][random() % lines[at].size()] = static_cast<char>('0' + random() % 10);
        break;
      case 2:
        std::swap(lines[at], lines[at - 1 + random() % 3]);
        break;
      case 3:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[random() % 6]);
        break;
      default:
        lines[at].resize(random() % lines[at].size());
    }
    INFO(round);
    CHECK(verified(lines).whole() == (lines == before));
  }
}

}  // namespace
}  // namespace peerpool::observe
