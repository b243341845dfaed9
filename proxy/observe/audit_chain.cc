// SHA-256 is Poco's: this layer may link Poco and not OpenSSL, and nothing here is a secret.

#include "proxy/observe/audit_chain.h"

#include <Poco/SHA2Engine.h>

#include <algorithm>
#include <charconv>

namespace peerpool::observe {
namespace {

constexpr std::string_view kPrevious = R"(,"peerpool.chain.previous":")";
constexpr std::string_view kHash = R"(","peerpool.chain.hash":")";
constexpr std::string_view kEnd = R"("})";
constexpr std::string_view kSequence = R"(,"event.sequence":)";
constexpr std::size_t kSuffix =
    kPrevious.size() + kAuditHashDigits + kHash.size() + kAuditHashDigits + kEnd.size();

std::optional<std::uint64_t> sequenceOf(std::string_view text) {
  // Inside of a text of JSON a quotation mark has a backslash, so this is the key.
  const std::size_t key = text.find(kSequence);
  if (key == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(key + kSequence.size());
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  const bool whole = end != digits.data() + digits.size() && *end == ',';
  return error == std::errc() && whole && sequence > 0 ? std::optional(sequence) : std::nullopt;
}

}  // namespace

std::string chainBeginning() { return std::string(kAuditHashDigits, '0'); }

std::string chainHash(std::string_view previous, std::string_view text) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(previous.data(), previous.size());
  engine.update(text.data(), text.size());
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string chainLine(std::string& line, std::string_view previous) {
  line.pop_back();
  std::string hash = chainHash(previous, line);
  line.append(kPrevious).append(previous).append(kHash).append(hash).append(kEnd);
  return hash;
}

bool isChainHash(std::string_view text) noexcept {
  return text.size() == kAuditHashDigits && std::all_of(text.begin(), text.end(), [](char digit) {
           return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
         });
}

std::optional<ChainedLine> parseChained(std::string_view line) {
  if (line.size() < kSuffix || line.size() > kMaxAuditLine || line.front() != '{') {
    return std::nullopt;
  }
  ChainedLine parsed;
  parsed.text = line.substr(0, line.size() - kSuffix);
  std::string_view rest = line.substr(parsed.text.size());
  const auto take = [&rest](std::size_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  const bool begins = take(kPrevious.size()) == kPrevious;
  parsed.previous = take(kAuditHashDigits);
  const bool continues = take(kHash.size()) == kHash;
  parsed.hash = take(kAuditHashDigits);
  const auto sequence = sequenceOf(parsed.text);
  if (!begins || !continues || rest != kEnd || !isChainHash(parsed.previous) ||
      !isChainHash(parsed.hash) || !sequence) {
    return std::nullopt;
  }
  parsed.sequence = *sequence;
  return parsed;
}

ChainTail readChainTail(std::string_view bytes) {
  ChainTail tail{std::nullopt, bytes.size()};
  std::string_view rest = bytes;
  while (!rest.empty()) {
    if (rest.back() == '\n') {
      rest.remove_suffix(1);
    }
    const std::size_t end = rest.rfind('\n');
    const std::size_t begin = end == std::string_view::npos ? 0 : end + 1;
    const auto line = parseChained(rest.substr(begin));
    if (line && line->sound()) {
      tail.end = ChainEnd{line->sequence, std::string(line->hash)};
      const std::size_t behind = bytes.size() - rest.size();
      tail.behind = behind == 0 ? 0 : behind - 1;
      return tail;
    }
    rest = rest.substr(0, begin);
  }
  return tail;
}

}  // namespace peerpool::observe
