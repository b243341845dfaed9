#include "proxy/postgres/sql_scanner.h"

#include <algorithm>
#include <utility>

namespace peerpool::postgres {
namespace {

using Kind = SqlToken::Kind;

bool isSpace(char letter) noexcept { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

bool isDigit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

bool isHigh(char letter) noexcept { return static_cast<unsigned char>(letter) >= 0x80; }

bool mayBeginName(char letter) noexcept {
  return (foldLetter(letter) >= 'a' && foldLetter(letter) <= 'z') || letter == '_' ||
         isHigh(letter);
}

bool mayContinueName(char letter) noexcept {
  return mayBeginName(letter) || isDigit(letter) || letter == '$';
}

std::size_t countWhile(std::string_view text, bool (*may)(char) noexcept) noexcept {
  const auto* const end = std::find_if_not(text.begin(), text.end(), may);
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

SqlToken SqlScanner::take(Kind kind, std::size_t length) noexcept {
  const SqlToken token{kind, rest_.substr(0, length)};
  if (kind != Kind::Bad) {
    rest_.remove_prefix(length);
  }
  return token;
}

/// False: a comment does not end.
bool SqlScanner::skipBlanks() noexcept {
  while (true) {
    rest_.remove_prefix(countWhile(rest_, isSpace));
    if (rest_.substr(0, 2) == "--") {
      rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
    } else if (rest_.substr(0, 2) != "/*") {
      return true;
    } else if (!skipComment()) {
      return false;
    }
  }
}

/// They nest.
bool SqlScanner::skipComment() noexcept {
  std::size_t depth = 0;
  std::size_t at = 0;
  do {
    const std::string_view two = rest_.substr(at, 2);
    if (two.size() < 2) {
      return false;
    }
    depth += two == "/*" ? 1U : 0U;
    depth -= two == "*/" ? 1U : 0U;
    at += two == "/*" || two == "*/" ? 2U : 1U;
  } while (depth > 0);
  rest_.remove_prefix(at);
  return true;
}

SqlToken SqlScanner::next() noexcept {
  if (!skipBlanks()) {
    return {Kind::Bad, rest_};
  }
  const bool after_escaped = std::exchange(after_escaped_, false);
  if (rest_.empty()) {
    return {Kind::End, rest_};
  }
  const char first = rest_.front();
  if (mayBeginName(first)) {
    return takeWord();
  }
  if (first == '\'' && after_escaped) {
    after_escaped_ = true;
    return take(Kind::Bad, rest_.size());  // PostgreSQL may read on in the string before.
  }
  if (first == '\'') {
    return takeQuoted(Kind::String, 0);
  }
  if (first == '"') {
    return takeQuoted(Kind::Quoted, 0);
  }
  if (first == '$') {
    return takeDollars();
  }
  if (isDigit(first)) {
    return take(Kind::Number, countWhile(rest_, isDigit));
  }
  return take(Kind::Symbol, 1);
}

SqlToken SqlScanner::takeWord() noexcept {
  if (rest_.size() > 1 && rest_[1] == '\'') {
    switch (foldLetter(rest_.front())) {
      case 'e':
        return takeEscaped();
      case 'b':
      case 'n':
      case 'x':
        return takeQuoted(Kind::String, 1);
      default:
        break;
    }
  }
  const std::string_view three = rest_.substr(0, 3);
  if (three == "U&'" || three == "u&'") {
    return takeQuoted(Kind::String, 2);
  }
  if (three == "U&\"" || three == "u&\"") {
    return take(Kind::Bad, rest_.size());  // A name that is written in numbers.
  }
  return take(Kind::Word, countWhile(rest_, mayContinueName));
}

/// From the quote at `open` to the next that is not doubled.
SqlToken SqlScanner::takeQuoted(Kind kind, std::size_t open) noexcept {
  const char quote = rest_[open];
  for (std::size_t at = rest_.find(quote, open + 1); at != std::string_view::npos;
       at = rest_.find(quote, at + 2)) {
    if (at + 1 == rest_.size() || rest_[at + 1] != quote) {
      return take(kind, at + 1);
    }
  }
  return take(Kind::Bad, rest_.size());
}

SqlToken SqlScanner::takeEscaped() noexcept {
  for (std::size_t at = 2; at < rest_.size(); ++at) {
    if (isHigh(rest_[at])) {
      break;  // In some encodings of clients the byte behind it may look like a backslash.
    }
    if (rest_[at] == '\\') {
      ++at;
    } else if (rest_[at] == '\'') {
      if (rest_.substr(at + 1, 1) != "'") {
        after_escaped_ = true;
        return take(Kind::String, at + 1);
      }
      ++at;
    }
  }
  return take(Kind::Bad, rest_.size());
}

SqlToken SqlScanner::takeDollars() noexcept {
  if (rest_.size() > 1 && isDigit(rest_[1])) {
    return take(Kind::Number, 1 + countWhile(rest_.substr(1), isDigit));
  }
  const auto in_tag = [](char letter) noexcept { return mayBeginName(letter) || isDigit(letter); };
  const std::size_t tag = 1 + countWhile(rest_.substr(1), in_tag);
  if (tag == rest_.size() || rest_[tag] != '$') {
    return take(Kind::Symbol, 1);
  }
  const std::size_t close = rest_.find(rest_.substr(0, tag + 1), tag + 1);
  if (close == std::string_view::npos) {
    return take(Kind::Bad, rest_.size());
  }
  return take(Kind::String, close + tag + 1);
}

std::string nameOf(const SqlToken& token) {
  std::string name(token.text);
  if (token.kind == Kind::Quoted) {
    name = name.substr(1, name.size() - 2);
    for (std::size_t at = name.find('"'); at != std::string::npos; at = name.find('"', at + 1)) {
      name.erase(at, 1);  // The first of two.
    }
  } else {
    std::transform(name.begin(), name.end(), name.begin(), foldLetter);
  }
  return name;
}

}  // namespace peerpool::postgres
