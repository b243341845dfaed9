// The lines of audit logs, one after the other, in bounded memory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace peerpool::server {

/// Calls `onLine(line, number)` for each line of the file, from 1; `line` is without its end and
/// lives as long as the call. Of one with more than `longest` bytes only the beginning is given,
/// with one byte too many. Returns 0, or the errno why the file cannot be read to its end.
[[nodiscard]] int readLines(
    const std::string& path, std::size_t longest,
    const std::function<void(std::string_view line, std::uint64_t number)>& onLine);

}  // namespace peerpool::server
