// Text as a JSON string, safe to be shown. Numbers and structure are the caller's.

#pragma once

#include <string>
#include <string_view>

namespace peerpool::observe {

/// Of the Elastic Common Schema whose names the log and the audit log use.
inline constexpr std::string_view kEcsVersion = "8.11.0";

/// Appends `text` in quotes. What could steer a terminal or hide is written out first (see
/// printable()), so that a reader that decodes the JSON is safe too; the result is valid UTF-8 on
/// one line.
void appendJson(std::string& out, std::string_view text);

/// Appends ,"key":"text" (RFC 8259); the comma is left out behind an opening brace. `key` is a
/// literal or made of letters, digits, '.' and '_'.
void appendJsonField(std::string& out, std::string_view key, std::string_view text);
/// The same for what is JSON already.
void appendJsonRaw(std::string& out, std::string_view key, std::string_view json);

}  // namespace peerpool::observe
