// Pieces of messages and hints, so that all of them speak alike.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peerpool::config {

/// `text` in double quotes; control characters as \xNN, and cut after 80 bytes.
[[nodiscard]] std::string quoted(std::string_view text);

/// "a, b or c".
[[nodiscard]] std::string oneOf(const std::vector<std::string_view>& words);

/// The candidate that `word` probably meant: at most two changes away, fewer for short words. Empty
/// when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& candidates);

/// "did you mean X?" when one is near, else "MANY: a, b or c", else nothing.
[[nodiscard]] std::string suggest(std::string_view word,
                                  const std::vector<std::string_view>& candidates,
                                  std::string_view many);

}  // namespace peerpool::config
