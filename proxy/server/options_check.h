// Is a command line complete? Its options are known and have values by then.

#pragma once

#include <optional>
#include <string>

#include "proxy/base/error.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// A mistake of the command line (Refused), with a hint on a line of its own.
[[nodiscard]] Error usage(const std::string& text, const std::string& hint = "");

/// What is missing, or too much; no value: nothing.
[[nodiscard]] std::optional<Error> incomplete(const Options& options);

}  // namespace peerpool::server
