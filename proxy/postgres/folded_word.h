// A word of SQL in lower case, without memory of its own.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "proxy/postgres/sql_scanner.h"

namespace peerpool::postgres {

/// Empty unless made of a word. Long ones are cut, which makes them none that is known.
class FoldedWord {
 public:
  FoldedWord() = default;
  explicit FoldedWord(const SqlToken& token) noexcept {
    if (token.kind == SqlToken::Kind::Word) {
      const std::string_view front = token.text.substr(0, letters_.size());
      std::transform(front.begin(), front.end(), letters_.begin(), foldLetter);
      length_ = front.size();
    }
  }

  [[nodiscard]] std::string_view view() const noexcept { return {letters_.data(), length_}; }
  [[nodiscard]] bool is(std::string_view word) const noexcept { return view() == word; }

 private:
  std::array<char, 48> letters_{};
  std::size_t length_ = 0;
};

}  // namespace peerpool::postgres
