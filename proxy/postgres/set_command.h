// SQL's SET and RESET of one parameter or of all, as far as it takes to do them again.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/postgres/sql_scanner.h"
#include "proxy/postgres/tracked_parameters.h"

namespace peerpool::postgres {

/// SET of a parameter that a server does not report.
struct Setting {
  std::string name;   ///< In lower case; empty: all of them (RESET ALL).
  std::string value;  ///< As SQL has it behind "TO"; empty: the default.
};

struct SetCommand {
  enum class Kind : std::uint8_t {
    Transaction,  ///< Lasts no longer than that: SET LOCAL, SET TRANSACTION.
    Constraints,  ///< The same; it has a tag of its own.
    Tracked,      ///< Of a parameter that a server reports.
    Follows,      ///< `setting` can be done again on another server.
    Parameter,    ///< Of one that cannot, or not a SET that is understood.
    Role,         ///< Of the role or the session's user.
    ResetRole,
  };
  Kind kind = Kind::Parameter;
  Setting setting = {};
  TrackedSet resets = {};  ///< It brings those back to what they were at the start.
  bool rereads = false;    ///< Texts may mean something else from then on (see rereads()).
};

/// A parameter of that name, in lower case, with that value may change where strings and names of a
/// text begin and end. `value` is as SQL has it behind "TO"; empty: it is not known.
[[nodiscard]] bool rereads(std::string_view name, std::string_view value);

/// `scanner` is behind SET or, with `reset`, behind RESET; it is at the statement's end then. `sql`
/// is its whole text. Assumes standard_conforming_strings.
[[nodiscard]] SetCommand readSetCommand(std::string_view sql, SqlScanner& scanner, bool reset);

/// Of the statement: a semicolon, the text's end, or nothing that can be read.
[[nodiscard]] inline bool endsStatement(const SqlToken& token) noexcept {
  return token.kind == SqlToken::Kind::End || token.kind == SqlToken::Kind::Bad ||
         token.isSymbol(';');
}

}  // namespace peerpool::postgres
