// What one worker's frontend holds, and how often limits were hit, as plain values for status.

#pragma once

#include <cstddef>
#include <vector>

#include "proxy/admin/control.h"
#include "proxy/base/clock.h"
#include "proxy/base/limit_hits.h"
#include "proxy/postgres/frontend.h"

namespace peerpool::server {

/// On the worker's thread. Walks over everything: for people, not for the data path.
[[nodiscard]] admin::WorkerReport makeReport(const postgres::Frontend& frontend, std::size_t worker,
                                             TimePoint now);

/// All limits, in the order of the table. Any thread.
[[nodiscard]] std::vector<admin::LimitReport> reportLimits(const LimitHits& hits);

}  // namespace peerpool::server
