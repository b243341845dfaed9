// The blocks `process:`, `log:`, `audit:` and `pools:`.

#pragma once

#include "config/model.h"
#include "config/value.h"

namespace peerpool::config {

void readProcess(const Value& value, Process& process);
void readLogging(const Value& value, Logging& log);
void readAuditing(const Value& value, Auditing& audit);
/// Keys that are not there keep what `pool` has: a rule's starts as a copy of the defaults.
void readPool(const Value& value, Pool& pool);
/// `isolate:`, of a pool or of a rule.
[[nodiscard]] std::optional<Isolate> readIsolate(const Value& value);

}  // namespace peerpool::config
