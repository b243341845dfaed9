// The kinds of audit events in the words of the Elastic Common Schema. Pure.

#pragma once

#include <string_view>

#include "proxy/base/audit.h"

namespace peerpool::observe {

/// Values that the schema allows for its categorization fields; texts live for ever.
struct AuditCategory {
  std::string_view action;
  std::string_view category;  ///< As JSON, as is the next.
  std::string_view type;
  std::string_view outcome;
  std::string_view message;
};

[[nodiscard]] AuditCategory categoryOf(AuditAction action);

}  // namespace peerpool::observe
