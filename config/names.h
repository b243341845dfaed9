// Names that an operator writes: of things in this file, and of roles and databases, which may be
// exact, with `*`, or with ${user} and ${identity}.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/value.h"

namespace peerpool::config {

/// NAMEDATALEN - 1: PostgreSQL cuts longer names, so two of them could mean one role.
inline constexpr std::size_t kMaxNameLength = 63;

/// Reports a key that cannot name an identity, a backend or a listener: letters, digits and _.-
/// only, at most kMaxNameLength bytes.
void checkObjectName(const Value& value, std::string_view name);

/// Of a rule: any line of text, at most 128 bytes, and not "deny" or "default", which have a
/// meaning where rules are named.
[[nodiscard]] std::optional<std::string> ruleName(const Value& value);

/// Of a role or a database: no `*`, no variable.
[[nodiscard]] std::optional<std::string> exactName(const Value& value);
/// The same, with `*` or variables allowed.
[[nodiscard]] std::optional<std::string> namePattern(const Value& value);
/// The same, with variables but without `*`: it must yield one name.
[[nodiscard]] std::optional<std::string> nameTemplate(const Value& value);
/// For `application_name:`; other variables than in names.
[[nodiscard]] std::optional<std::string> applicationName(const Value& value);

/// No `*` and no variable.
[[nodiscard]] bool isExact(std::string_view pattern) noexcept;

/// Does every name that `pattern` yields match `glob`? False when in doubt.
[[nodiscard]] bool covers(std::string_view glob, std::string_view pattern) noexcept;

}  // namespace peerpool::config
