// In which encodings a text of SQL can be read byte by byte.

#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace peerpool::postgres {

/// No byte of a longer character looks like ASCII (a quote, a backslash, a letter) in `encoding`,
/// whose name is spelled in any way that PostgreSQL takes. False for one that is not known, and for
/// SJIS, BIG5, GBK, GB18030, UHC and JOHAB.
[[nodiscard]] inline bool readsByBytes(std::string_view encoding) {
  std::string plain;
  for (const char letter : encoding) {
    if (letter >= 'A' && letter <= 'Z') {
      plain += static_cast<char>(letter - 'A' + 'a');
    } else if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')) {
      plain += letter;
    }
  }
  constexpr std::array<std::string_view, 12> kKnown = {
      "utf8", "unicode", "sqlascii", "latin",      "iso88",    "koi8",
      "euc",  "win125",  "win8",     "windows125", "windows8", "muleinternal"};
  return std::any_of(kKnown.begin(), kKnown.end(), [&](std::string_view known) {
    return std::string_view(plain).substr(0, known.size()) == known;
  });
}

}  // namespace peerpool::postgres
