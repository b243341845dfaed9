// Finds the few SQL commands that speak of prepared statements by name. No parser: it looks at the
// first words of a text, and at nothing else.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpool::postgres {

struct StatementWords {
  enum class Verb : std::uint8_t {
    Deallocate,     ///< Of `name`, and nothing else is in the text.
    DeallocateAll,  ///< The same, of all; or DISCARD ALL.
    Execute,  ///< Of `name`, or EXPLAIN of that; with parameters, perhaps more commands behind.
  };
  Verb verb = Verb::Execute;
  std::string name;  ///< As PostgreSQL reads it: folded to lower case unless quoted.
};

/// None: the text is something else (several commands that begin with DEALLOCATE are, too).
[[nodiscard]] std::optional<StatementWords> findStatementWords(std::string_view sql);

}  // namespace peerpool::postgres
