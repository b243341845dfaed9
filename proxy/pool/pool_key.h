// What makes two clients share servers.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "config/model.h"

namespace peerpool::pool {

/// Clients with equal keys share a pool. `superuser` is part of it because a server whose role is a
/// superuser may serve only clients whose rule says so.
struct PoolKey {
  std::string backend;   ///< Name in the configuration.
  std::string database;  ///< Name at the backend.
  std::string login_role;
  config::Pool settings;  ///< As resolved for the rule.
  bool superuser = false;
  std::map<std::string, std::string> startup_parameters;  ///< Those that servers do not report.
  std::string isolation = {};  ///< Kept apart from others by isolate:; empty: from nobody.
  friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

struct PoolKeyHash {
  [[nodiscard]] std::size_t operator()(const PoolKey& key) const noexcept;
};

}  // namespace peerpool::pool
