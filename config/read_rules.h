// What is allowed: the blocks `never:`, `rules:` and `tests:`.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

/// All append. `defaults` fills what a rule's `pool:` leaves out.
void readNever(const Value& value, std::vector<PolicyRule>& never);
void readRules(const Value& value, const Pool& defaults, std::vector<PolicyRule>& rules);
void readTests(const Value& value, std::vector<PolicyTest>& tests);

/// `never_roles:`, at the top and in a rule: names and `*` globs; may be empty.
[[nodiscard]] std::optional<std::vector<std::string>> readNeverRoles(const Value& value);

}  // namespace peerpool::config
