#include "config/wording.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace peerpool::config {
namespace {

constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestWord = 64;

/// Levenshtein's distance in which swapping two neighbours counts as one change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(current);
  }
  return last[b.size()];
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text.substr(0, kLongestQuote)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 0xfU]};
    } else {
      result += c;
    }
  }
  return result + (text.size() > kLongestQuote ? "...\"" : "\"");
}

std::string oneOf(const std::vector<std::string_view>& words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      result += i + 1 == words.size() ? " or " : ", ";
    }
    result += words[i];
  }
  return result;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = std::min<std::size_t>(2, word.size() / 2) + 1;
  if (word.size() > kLongestWord) {
    return best;
  }
  for (const std::string_view candidate : candidates) {
    const std::size_t candidate_distance = distance(word, candidate);
    if (candidate_distance < best_distance) {
      best_distance = candidate_distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggest(std::string_view word, const std::vector<std::string_view>& candidates,
                    std::string_view many) {
  const std::string_view near = nearest(word, candidates);
  if (!near.empty()) {
    return "did you mean " + std::string(near) + "?";
  }
  return candidates.empty() ? std::string() : std::string(many) + ": " + oneOf(candidates);
}

}  // namespace peerpool::config
