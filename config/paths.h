// Paths that an operator writes: absolute and normalised, so that two of them are one file only if
// they are equal. The file system is not asked.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/value.h"

namespace peerpool::config {

/// sizeof(sockaddr_un::sun_path) without the terminating zero (unix(7)).
inline constexpr std::size_t kMaxSocketPath = 107;

[[nodiscard]] std::optional<std::string> filePath(const Value& value);
/// At most kMaxSocketPath bytes, and not abstract: such sockets have no permissions at all.
[[nodiscard]] std::optional<std::string> socketPath(const Value& value);
/// "unix:/path".
[[nodiscard]] std::optional<std::string> unixAddress(const Value& value);
/// "file:/path".
[[nodiscard]] std::optional<std::string> fileReference(const Value& value);

/// "file:/path" as the path, or "credential:NAME" as it is written: a secret's place.
[[nodiscard]] std::optional<std::string> secretReference(const Value& value);

/// Reports a path that is not absolute and normalised.
[[nodiscard]] bool checkPath(const Value& value, std::string_view path);

}  // namespace peerpool::config
