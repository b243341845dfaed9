// Takes a text of SQL apart into words, names, strings and symbols, as PostgreSQL's own scanner
// does while standard_conforming_strings is on. It knows nothing of what they mean.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace peerpool::postgres {

struct SqlToken {
  enum class Kind : std::uint8_t {
    End,     ///< Of the text.
    Word,    ///< A keyword or a name without quotes.
    Quoted,  ///< A name in double quotes.
    String,  ///< In quotes or between dollars; its prefix, if it has one, is a part of it.
    Number,  ///< Digits, or a parameter, as $1.
    Symbol,  ///< One character of anything else.
    Bad,     ///< Something that does not end, or of which it is not certain where it ends.
  };
  Kind kind = Kind::End;
  std::string_view text;  ///< A view of the text, quotes and all.

  [[nodiscard]] bool isSymbol(char symbol) const noexcept {
    return kind == Kind::Symbol && text.front() == symbol;
  }
};

/// The text must outlive it. Pure.
class SqlScanner {
 public:
  explicit SqlScanner(std::string_view sql) noexcept : rest_(sql) {}

  /// Comments and blanks are passed over. After End or Bad comes the same again.
  [[nodiscard]] SqlToken next() noexcept;
  /// What next() will be.
  [[nodiscard]] SqlToken peek() const noexcept { return SqlScanner(*this).next(); }
  /// What is left of the text.
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  [[nodiscard]] bool skipBlanks() noexcept;
  [[nodiscard]] bool skipComment() noexcept;
  [[nodiscard]] SqlToken take(SqlToken::Kind kind, std::size_t length) noexcept;
  [[nodiscard]] SqlToken takeQuoted(SqlToken::Kind kind, std::size_t open) noexcept;
  [[nodiscard]] SqlToken takeEscaped() noexcept;
  [[nodiscard]] SqlToken takeDollars() noexcept;
  [[nodiscard]] SqlToken takeWord() noexcept;

  std::string_view rest_;
  bool after_escaped_ = false;  // The last one was a string with escapes.
};

/// What PostgreSQL makes of a Word or Quoted: folded to lower case (ASCII only, other letters are
/// left as they are), or without quotes.
[[nodiscard]] std::string nameOf(const SqlToken& token);

/// A letter as PostgreSQL folds it in names and keywords.
[[nodiscard]] constexpr char foldLetter(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace peerpool::postgres
