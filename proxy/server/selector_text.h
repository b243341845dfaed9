// Whom a rule is for, in words close to those of the configuration.

#pragma once

#include <string>

#include "config/model.h"

namespace peerpool::server {

/// "anyone", "identity web-app { user: web, systemd_unit: web.service }", "{ group: dba }".
[[nodiscard]] std::string selectorText(const config::Config& config,
                                       const config::Selector& selector);

}  // namespace peerpool::server
