// What one worker's frontend holds, as plain values for status.

#pragma once

#include <cstddef>

#include "proxy/admin/control.h"
#include "proxy/base/clock.h"
#include "proxy/postgres/frontend.h"

namespace peerpool::server {

/// On the worker's thread. Walks over everything: for people, not for the data path.
[[nodiscard]] admin::WorkerReport makeReport(const postgres::Frontend& frontend, std::size_t worker,
                                             TimePoint now);

}  // namespace peerpool::server
