// Which worker owns which pool, and the budget of each backend: all that the workers share.

#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "proxy/base/ids.h"
#include "proxy/pool/budget.h"
#include "proxy/pool/pool_key.h"

namespace peerpool::postgres {

/// Any thread; asked once for each login, never on the path of a query. Outlives all workers.
class PoolDirectory {
 public:
  PoolDirectory(const config::Config& config, std::size_t workers);

  /// After a reload, before any worker hears of it: new backends and other budgets.
  void adopt(const config::Config& config);

  /// The worker that owns the pool of `wanted`, whatever its settings are; a pool seen for the
  /// first time goes to the worker with the fewest.
  [[nodiscard]] std::size_t ownerOf(const pool::PoolKey& wanted);

  /// Numbers for server connections, unique in the process.
  [[nodiscard]] IdSource<ServerId>& serverIds() noexcept { return server_ids_; }

  /// The backend's; the reference stays valid. `backend` is in the configuration.
  [[nodiscard]] pool::Budget& budgetOf(const std::string& backend);

 private:
  IdSource<ServerId> server_ids_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<pool::Budget>>
      budgets_;  // By mutex_; never fewer.
  std::unordered_map<pool::PoolKey, std::size_t, pool::PoolKeyHash> owners_;  // By mutex_.
  std::vector<std::size_t> pools_of_worker_;                                  // By mutex_.
};

}  // namespace peerpool::postgres
