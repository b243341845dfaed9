// The run-time parameters that a server reports and that follow a client.

#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace peerpool::postgres {

/// Parameters that a server reports when they change, so that they can follow the client from
/// server to server (PostgreSQL manual, "Asynchronous Operations").
inline constexpr std::array<std::string_view, 5> kTrackedParameters = {
    "client_encoding", "DateStyle", "TimeZone", "IntervalStyle", "application_name"};

/// Some of them.
using TrackedSet = std::bitset<kTrackedParameters.size()>;

/// Index into kTrackedParameters, ignoring case as PostgreSQL does.
[[nodiscard]] std::optional<std::size_t> trackedIndex(std::string_view name) noexcept;

/// As PostgreSQL compares the names of parameters.
[[nodiscard]] bool sameIgnoringCase(std::string_view a, std::string_view b) noexcept;

}  // namespace peerpool::postgres
