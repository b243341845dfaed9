// Which limit turned a client away, and how it is told.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/base/limit_hits.h"

namespace peerpool::auth {

struct LimitReached {
  Limit limit = Limit::MaxClients;
  std::string setting;  ///< With its value: "listeners.pg.limits.clients: 20".
};

/// The message of SQLSTATE 53300: "too many clients (listeners.pg.limits.clients: 20)".
[[nodiscard]] std::string describe(const LimitReached& reached);

/// The same for one that had its place already: "...: the place went to another user".
[[nodiscard]] std::string describePlaceGiven(const LimitReached& reached);
inline constexpr std::string_view kPlaceGiven = "the place went to another user";

/// The key of a rule's limit: `rules."web to shop".limits.clients: 200`.
[[nodiscard]] std::string ruleSetting(const std::string& rule, const std::string& key,
                                      std::size_t value);

}  // namespace peerpool::auth
