// What a configuration says of a rule, a listener or a backend beside whom it is for, as words:
// to show it, and to compare it.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/model.h"

namespace peerpool::server {

/// Key to value as an operator would write them: "limits.query" to "30s". A key that is not there
/// has no value, or a default that limits nothing.
using Facts = std::map<std::string, std::string>;

/// Limits, time windows, and all else that goes along with what the rule grants.
[[nodiscard]] Facts ruleFacts(const config::PolicyRule& rule);
/// The settings of the pools that the rule leads to.
[[nodiscard]] Facts poolFacts(const config::Config& config, const config::PolicyRule& rule);
[[nodiscard]] Facts listenerFacts(const config::Listener& listener);
[[nodiscard]] Facts backendFacts(const config::Backend& backend);

/// "limits.query: 10s instead of 30s", by key.
[[nodiscard]] std::vector<std::string> differences(const Facts& before, const Facts& after);

/// "mon-fri 07:00-20:00 Europe/Berlin".
[[nodiscard]] std::string windowText(const config::TimeWindow& window);

/// "limits.query: 30s, pool.size: 2".
[[nodiscard]] std::string factsText(const Facts& facts);

}  // namespace peerpool::server
