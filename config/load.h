// Files to a Config, or to all mistakes at once. The only part of this folder that reads files.

#pragma once

#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::config {

/// Reads `path` and the files that its `include:` names. Throws InvalidConfig with every mistake,
/// warnings among them, and std::system_error with the path when the main file cannot be read.
[[nodiscard]] Config load(const std::string& path);

/// The same, with mistakes and warnings in `out`. The result may be used only if there is no error
/// among them.
[[nodiscard]] Config load(const std::string& path, Diagnostics& out);

/// The same for a main file in memory that is called `file` in messages. Touches no file:
/// `include:` is read but not followed, and secrets are not looked at.
[[nodiscard]] Config loadText(std::string_view text, const std::string& file, Diagnostics& out);

}  // namespace peerpool::config
