// Names of roles and databases as a rule writes them: exact, with `*`, or with `${user}`,
// `${identity}` and `${unit_instance}`. No regular expressions: forgotten anchors are the classic
// mistake of pg_ident.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/truth.h"

namespace peerpool::auth {

/// NAMEDATALEN - 1: PostgreSQL cuts longer names, so two of them could mean one role.
inline constexpr std::size_t kMaxNameLength = 63;

/// What templates may refer to. Empty means not known.
struct Variables {
  std::string_view user;                ///< The peer's account name.
  std::string_view identity;            ///< Name of the identity that matched the peer.
  std::string_view unit_instance = {};  ///< Of its systemd unit, behind the @.
};

/// May `value` be put into a template: [a-z_][a-z0-9_.-]{0,62}.
[[nodiscard]] bool isPlainName(std::string_view value) noexcept;

/// Immutable; names compare byte by byte.
class NamePattern {
 public:
  /// Throws std::invalid_argument, with a sentence, for an unknown or unfinished `${...}`.
  explicit NamePattern(std::string text);

  /// No `*` and no variable: the operator wrote this very name.
  [[nodiscard]] bool exact() const noexcept { return !template_ && !glob_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// Unknown when a variable has no value that may be put in.
  [[nodiscard]] Truth matches(std::string_view name, const Variables& variables) const;

  /// The text with its variables filled in; no value when one of them cannot be, or the result has
  /// more than kMaxNameLength bytes.
  [[nodiscard]] std::optional<std::string> expand(const Variables& variables) const;

  /// Why the variables cannot be filled in: "the account name is not known"; empty if they can.
  [[nodiscard]] std::string whyNotExpanded(const Variables& variables) const;

 private:
  enum class Variable { None, User, Identity, UnitInstance };
  [[nodiscard]] static std::optional<Variable> variableNamed(std::string_view name);
  /// Literal text, then a variable.
  struct Piece {
    std::string literal;
    Variable variable = Variable::None;
  };
  [[nodiscard]] static std::string_view valueOf(Variable variable, const Variables& variables);
  /// With `*` kept; no value when a variable cannot be filled in.
  [[nodiscard]] std::optional<std::string> fillIn(const Variables& variables) const;

  std::string text_;
  std::vector<Piece> pieces_;
  bool template_ = false;
  bool glob_ = false;
};

/// Does `glob`, in which each `*` stands for any run of bytes, match all of `name`? Time is at most
/// the product of the two lengths.
[[nodiscard]] bool globMatches(std::string_view glob, std::string_view name) noexcept;

}  // namespace peerpool::auth
