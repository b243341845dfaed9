// Foreign text made harmless for a line, a table or a terminal. Pure; knows no format around it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peerpool::observe {

/// `text` with everything that could end a line, steer a terminal or reorder what people read
/// written as an escape: backslash, quotes, control characters (\n, \t, \x1b), bytes that are not
/// UTF-8
/// (\xff), bidi and invisible characters (\u{202e}). What remains is valid UTF-8 on one line.
/// More than `max_bytes` of input are cut, which "..." shows.
[[nodiscard]] std::string escaped(std::string_view text, std::size_t max_bytes = 1024);

/// The same, but quotes and backslashes stay as they are: for tables, sentences and JSON, which
/// have their own ways with those.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 1024);

/// As the value of key=value: escaped(), in quotes unless it is a plain word.
[[nodiscard]] std::string quotedIfNeeded(std::string_view text);

}  // namespace peerpool::observe
