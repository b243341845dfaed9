#include "proxy/postgres/statement_words.h"

#include <algorithm>
#include <utility>

namespace peerpool::postgres {
namespace {

// ASCII only, as PostgreSQL's scanner has it for keywords; other letters are left as they are.
char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool isSpace(char letter) noexcept {
  return std::string_view(" \t\n\r\f\v").find(letter) != std::string_view::npos;
}

bool mayBeginName(char letter) noexcept {
  return (lower(letter) >= 'a' && lower(letter) <= 'z') || letter == '_' ||
         static_cast<unsigned char>(letter) >= 0x80;
}

bool mayContinueName(char letter) noexcept {
  return mayBeginName(letter) || (letter >= '0' && letter <= '9') || letter == '$';
}

class Words {
 public:
  explicit Words(std::string_view sql) : rest_(sql) {}

  /// Past blanks and comments (those in brackets nest).
  void skipBlanks() {
    for (bool more = true; more;) {
      more = false;
      while (!rest_.empty() && isSpace(rest_[0])) {
        rest_.remove_prefix(1);
      }
      if (rest_.substr(0, 2) == "--") {
        rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
        more = true;
      } else if (rest_.substr(0, 2) == "/*") {
        skipBrackets();
        more = true;
      }
    }
  }

  /// Folded; empty: there is none.
  std::string takeWord() {
    skipBlanks();
    std::size_t length = 0;
    while (length < rest_.size() &&
           (length == 0 ? mayBeginName(rest_[0]) : mayContinueName(rest_[length]))) {
      ++length;
    }
    std::string word(rest_.substr(0, length));
    std::transform(word.begin(), word.end(), word.begin(), lower);
    rest_.remove_prefix(length);
    return word;
  }

  bool atQuote() {
    skipBlanks();
    return !rest_.empty() && rest_[0] == '"';
  }

  /// A name in quotes, in which a doubled quote is one; empty: it does not end.
  std::string takeQuoted() {
    std::string name;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"' && rest_.substr(i + 1, 1) != "\"") {
        rest_.remove_prefix(i + 1);
        return name;
      }
      i += rest_[i] == '"' ? 1U : 0U;
      name += rest_[i];
    }
    return {};
  }

  /// Nothing follows but a semicolon.
  bool atEnd() {
    skipBlanks();
    if (!rest_.empty() && rest_[0] == ';') {
      rest_.remove_prefix(1);
      skipBlanks();
    }
    return rest_.empty();
  }

 private:
  void skipBrackets() {
    std::size_t depth = 0;
    do {
      const std::string_view two = rest_.substr(0, 2);
      depth += two == "/*" ? 1U : 0U;
      depth -= two == "*/" ? 1U : 0U;
      rest_.remove_prefix(two == "/*" || two == "*/" ? 2 : 1);
    } while (depth > 0 && !rest_.empty());
  }

  std::string_view rest_;
};

std::optional<StatementWords> takeDeallocate(Words& words) {
  using Verb = StatementWords::Verb;
  bool quoted = words.atQuote();
  std::string name = quoted ? words.takeQuoted() : words.takeWord();
  if (!quoted && name == "prepare" && !words.atEnd()) {
    quoted = words.atQuote();
    name = quoted ? words.takeQuoted() : words.takeWord();
  }
  if (name.empty() || !words.atEnd()) {
    return std::nullopt;
  }
  const bool all = !quoted && name == "all";
  return StatementWords{all ? Verb::DeallocateAll : Verb::Deallocate, std::move(name)};
}

}  // namespace

std::optional<StatementWords> findStatementWords(std::string_view sql) {
  using Verb = StatementWords::Verb;
  Words words(sql);
  const std::string verb = words.takeWord();
  if (verb == "deallocate") {
    return takeDeallocate(words);
  }
  if (verb == "discard") {
    return words.takeWord() == "all" && words.atEnd()
               ? std::optional(StatementWords{Verb::DeallocateAll, {}})
               : std::nullopt;
  }
  if (verb == "execute") {
    std::string name = words.atQuote() ? words.takeQuoted() : words.takeWord();
    return name.empty() ? std::nullopt
                        : std::optional(StatementWords{Verb::Execute, std::move(name)});
  }
  return std::nullopt;
}

}  // namespace peerpool::postgres
