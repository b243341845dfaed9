// Times of the week at which to ask about policies with time windows.

#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace peerpool::server {

struct SampleMoment {
  config::WeekTime at;
  std::string text;  ///< "Mon 07:00"
};

/// One for each combination of windows that hold together in the zones they are written in, and
/// one outside of all if there is such a time; Monday 00:00 without windows. A time of the week is
/// past every `audit_until`, so what is asked then is as if all were enforced.
[[nodiscard]] std::vector<SampleMoment> sampleMoments(
    const std::vector<const config::Config*>& configs);

}  // namespace peerpool::server
