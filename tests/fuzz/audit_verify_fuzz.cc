// Any bytes as an audit log: an answer in bounded memory, the same in one piece and in many, and
// whole only if each line is sound and follows the one before.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/base/check.h"
#include "proxy/observe/audit_verify.h"

namespace {

using peerpool::check;
using peerpool::observe::ChainVerifier;

/// The slow and plain answer.
bool isWhole(std::string_view text) {
  std::string previous;
  std::uint64_t sequence = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto line = peerpool::observe::parseChained(text.substr(0, end));
    if (!line || !line->sound() ||
        (sequence != 0 && (line->previous != previous || line->sequence != sequence + 1))) {
      return false;
    }
    previous = line->hash;
    sequence = line->sequence;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return sequence != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)peerpool::observe::readChainTail(text);
  ChainVerifier at_once;
  at_once.beginFile("f");
  at_once.read(text);
  at_once.endFile();
  ChainVerifier bytewise;
  bytewise.beginFile("f");
  for (std::size_t i = 0; i < text.size(); ++i) {
    bytewise.read(text.substr(i, 1));
  }
  bytewise.endFile();
  check(at_once.whole() == isWhole(text), "a wrong answer");
  check(bytewise.whole() == at_once.whole(), "an answer that depends on the pieces");
  check(bytewise.findings().size() == at_once.findings().size(), "findings depend on the pieces");
  check(at_once.findings().size() <= ChainVerifier::kMostFindings, "too many findings");
  return 0;
}
