// Parsing, filling in and matching of names.

#include "auth/name_pattern.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "auth/quoted.h"

namespace peerpool::auth {

bool isPlainName(std::string_view value) noexcept {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto continues = [&](char c) {
    return starts(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !value.empty() && value.size() <= kMaxNameLength && starts(value.front()) &&
         std::all_of(value.begin(), value.end(), continues);
}

bool globMatches(std::string_view glob, std::string_view name) noexcept {
  // Greedy with one point of return: only the latest `*` ever needs to take more.
  std::size_t in_glob = 0;
  std::size_t in_name = 0;
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  while (in_name < name.size()) {
    if (in_glob < glob.size() && glob[in_glob] == '*') {
      star = in_glob++;
      after_star = in_name;
    } else if (in_glob < glob.size() && glob[in_glob] == name[in_name]) {
      ++in_glob;
      ++in_name;
    } else if (star != std::string_view::npos) {
      in_glob = star + 1;
      in_name = ++after_star;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', in_glob) == std::string_view::npos;
}

NamePattern::NamePattern(std::string text) : text_(std::move(text)) {
  glob_ = text_.find('*') != std::string::npos;
  std::size_t position = 0;
  while (true) {
    const std::size_t start = text_.find("${", position);
    if (start == std::string::npos) {
      pieces_.push_back({text_.substr(position), Variable::None});
      return;
    }
    const std::size_t end = text_.find('}', start);
    if (end == std::string::npos) {
      throw std::invalid_argument("\"${\" without \"}\" in " + quoted(text_));
    }
    const std::string name = text_.substr(start + 2, end - start - 2);
    const std::optional<Variable> variable = variableNamed(name);
    if (!variable) {
      throw std::invalid_argument("unknown variable ${" + name +
                                  "}; known are ${user}, ${identity}, ${unit_instance}");
    }
    template_ = true;
    pieces_.push_back({text_.substr(position, start - position), *variable});
    position = end + 1;
  }
}

std::string_view NamePattern::valueOf(Variable variable, const Variables& variables) {
  switch (variable) {
    case Variable::None:
      return {};
    case Variable::User:
      return variables.user;
    case Variable::Identity:
      return variables.identity;
    case Variable::UnitInstance:
      return variables.unit_instance;
  }
  return {};
}

std::optional<NamePattern::Variable> NamePattern::variableNamed(std::string_view name) {
  if (name == "user") {
    return Variable::User;
  }
  if (name == "identity") {
    return Variable::Identity;
  }
  return name == "unit_instance" ? std::optional(Variable::UnitInstance) : std::nullopt;
}

std::optional<std::string> NamePattern::fillIn(const Variables& variables) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    if (piece.variable != Variable::None) {
      const std::string_view value = valueOf(piece.variable, variables);
      if (!isPlainName(value)) {
        return std::nullopt;
      }
      out += value;
    }
  }
  return out;
}

Truth NamePattern::matches(std::string_view name, const Variables& variables) const {
  if (name.size() > kMaxNameLength) {
    return Truth::No;
  }
  if (!template_) {
    return truthOf(glob_ ? globMatches(text_, name) : name == text_);
  }
  const std::optional<std::string> filled = fillIn(variables);
  return filled ? truthOf(globMatches(*filled, name)) : Truth::Unknown;
}

std::optional<std::string> NamePattern::expand(const Variables& variables) const {
  std::optional<std::string> filled = fillIn(variables);
  if (filled && filled->size() > kMaxNameLength) {
    return std::nullopt;
  }
  return filled;
}

std::string NamePattern::whyNotExpanded(const Variables& variables) const {
  for (const Piece& piece : pieces_) {
    if (piece.variable == Variable::None) {
      continue;
    }
    const std::string_view value = valueOf(piece.variable, variables);
    const bool user = piece.variable == Variable::User;
    const bool identity = piece.variable == Variable::Identity;
    if (value.empty()) {
      return user       ? "the account name is not known"
             : identity ? "no named identity matched"
                        : "the process is in no instance of a unit that is known";
    }
    if (!isPlainName(value)) {
      return (user       ? "account name "
              : identity ? "identity name "
                         : "unit instance ") +
             quoted(value) + " may not be put into a name";
    }
  }
  const std::optional<std::string> filled = fillIn(variables);
  return filled && filled->size() > kMaxNameLength ? quoted(*filled) + " has more than 63 bytes"
                                                   : std::string();
}

}  // namespace peerpool::auth
