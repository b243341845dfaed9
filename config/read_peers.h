// Who: `identities:`, and the matchers and selectors that other blocks hold.

#pragma once

#include <optional>
#include <vector>

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

/// Appends; names that two files use are found by validate().
void readIdentities(const Value& value, std::vector<Identity>& identities);

/// A map of conditions; at least one.
[[nodiscard]] std::optional<Matcher> readMatcher(const Value& value);

/// The word anyone, an identity's name, a list of such names, or a matcher.
[[nodiscard]] std::optional<Selector> readSelector(const Value& value);

}  // namespace peerpool::config
