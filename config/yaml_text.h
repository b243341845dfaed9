// The text of a YAML file before and beside parsing: is it text at all, and where did the author
// probably go wrong. Pure; knows YAML's habits, not our keys.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"

namespace peerpool::config {

/// Lines of a text that must outlive it. Lines and columns count from 0 here, columns in bytes, as
/// yaml-cpp does.
class YamlText {
 public:
  YamlText(std::string_view text, std::string file);

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// Without its end; empty beyond the last line.
  [[nodiscard]] std::string_view line(std::size_t number) const noexcept;
  /// What follows `column` in the line; may be empty.
  [[nodiscard]] std::string_view rest(std::size_t line_number, std::size_t column) const noexcept;
  /// From 1, and in characters.
  [[nodiscard]] Location locate(std::size_t line_number, std::size_t column) const;

  /// Reports invalid UTF-8, control characters (yaml-cpp takes 0x04 for the end of the file), a
  /// byte order mark, and tabs in the indentation. False: it must not be parsed.
  [[nodiscard]] bool check(Diagnostics& out) const;

  /// What to try after a syntax error at this place; empty when there is nothing to say.
  [[nodiscard]] std::string hintAt(std::size_t line_number, std::size_t column) const;

 private:
  [[nodiscard]] bool checkLine(std::size_t number, Diagnostics& out) const;

  std::string file_;
  std::vector<std::string_view> lines_;
};

/// Length of the longest prefix that is valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] std::size_t validUtf8Prefix(std::string_view text) noexcept;

/// C0 controls and DEL.
[[nodiscard]] constexpr bool isControl(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Is the quote that `text` begins with closed in it? True for text that begins with none.
[[nodiscard]] bool closesItsQuote(std::string_view text) noexcept;

/// The "user:" of "user:bob", when a space is missing after it; empty otherwise.
[[nodiscard]] std::string_view keyWithoutSpace(std::string_view text) noexcept;

}  // namespace peerpool::config
