// The top level of a file: which blocks it has, and which of them only the main file may have.

#pragma once

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

/// Adds what the main file says to `config`. Its `include:` patterns come back as values, so that
/// mistakes with them can be reported at their place.
[[nodiscard]] std::vector<Value> readMainFile(const Value& root, Config& config);

/// Adds an included file: identities, backends, listeners, directories and rules.
void readIncludedFile(const Value& root, Config& config);

}  // namespace peerpool::config
