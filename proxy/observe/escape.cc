// One pass over the bytes; UTF-8 is decoded here because nothing else of ours needs it.

#include "proxy/observe/escape.h"

#include <algorithm>
#include <cstdint>

namespace peerpool::observe {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

/// A decoded character; `length` 0 means that the bytes are not UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t length = 0;
};

/// Decodes the front of `text`, which is not empty. Refuses overlong forms, surrogates and what is
/// beyond Unicode (RFC 3629).
Character decode(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) {
    return {};
  }
  char32_t code = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return {};
    }
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return overlong || surrogate || code > 0x10ffff ? Character{} : Character{code, length};
}

/// Controls, line separators, and characters that are not seen or change the order of others.
bool isHarmful(char32_t code) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr Range kRanges[] = {{0x00, 0x1f},     {0x7f, 0x9f},      {0xad, 0xad},
                                      {0x61c, 0x61c},   {0x180e, 0x180e},  {0x200b, 0x200f},
                                      {0x2028, 0x202e}, {0x2060, 0x206f},  {0xfeff, 0xfeff},
                                      {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [code](Range range) { return code >= range.first && code <= range.last; });
}

void appendByte(std::string& out, unsigned char byte) {
  out += "\\x";
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 0x0f];
}

void appendCode(std::string& out, char32_t code) {
  std::string digits;
  do {
    digits.insert(digits.begin(), kHexDigits[code & 0x0f]);
    code >>= 4;
  } while (code != 0);
  out += "\\u{" + digits + '}';
}

void appendHarmful(std::string& out, char32_t code) {
  switch (code) {
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    case U'\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code < 0x80) {
    appendByte(out, static_cast<unsigned char>(code));
  } else {
    appendCode(out, code);
  }
}

enum class Quotes { Escaped, Kept };

std::string harmless(std::string_view text, std::size_t max_bytes, Quotes quotes) {
  const bool cut = text.size() > max_bytes;
  std::string_view rest = text.substr(0, max_bytes);
  if (cut) {
    // A character that the cut would split goes as a whole.
    while (!rest.empty() && (static_cast<unsigned char>(text[rest.size()]) & 0xc0) == 0x80) {
      rest.remove_suffix(1);
    }
  }
  std::string out;
  out.reserve(rest.size() + (cut ? 3 : 0));
  while (!rest.empty()) {
    const Character character = decode(rest);
    if (character.length == 0) {
      appendByte(out, static_cast<unsigned char>(rest.front()));
      rest.remove_prefix(1);
      continue;
    }
    const bool quote = character.code == U'"' || character.code == U'\\';
    if (isHarmful(character.code)) {
      appendHarmful(out, character.code);
    } else {
      out += quote && quotes == Quotes::Escaped ? "\\" : "";
      out += rest.substr(0, character.length);
    }
    rest.remove_prefix(character.length);
  }
  return cut ? out + "..." : out;
}

}  // namespace

std::string escaped(std::string_view text, std::size_t max_bytes) {
  return harmless(text, max_bytes, Quotes::Escaped);
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  return harmless(text, max_bytes, Quotes::Kept);
}

std::string quotedIfNeeded(std::string_view text) {
  const std::string safe = escaped(text);
  const bool plain = !safe.empty() && safe.find_first_of(" =\\'\"") == std::string::npos;
  return plain ? safe : '"' + safe + '"';
}

}  // namespace peerpool::observe
