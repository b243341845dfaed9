// limits: of listeners and of rules.

#pragma once

#include "config/limits.h"
#include "config/value.h"

namespace peerpool::config {

/// Complain into the reading; keys that are missing keep what is there.
void readListenerLimits(const Value& value, ListenerLimits& limits);
void readRuleLimits(const Value& value, RuleLimits& limits);

}  // namespace peerpool::config
