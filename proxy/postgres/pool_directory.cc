#include "proxy/postgres/pool_directory.h"

#include <algorithm>

#include "proxy/base/check.h"

namespace peerpool::postgres {
namespace {

// A client chooses parts of a key (database, search_path), so the table must not grow with them:
// beyond this a key's hash decides, which gives the same answer each time too.
constexpr std::size_t kMaxRemembered = 4096;

}  // namespace

PoolDirectory::PoolDirectory(const config::Config& config, std::size_t workers)
    : pools_of_worker_(workers, 0) {
  check(workers > 0, "there is a worker");
  adopt(config);
}

void PoolDirectory::adopt(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  for (const config::Backend& backend : config.backends) {
    std::unique_ptr<pool::Budget>& budget = budgets_[backend.name];
    if (budget == nullptr) {
      budget = std::make_unique<pool::Budget>(backend.max_connections);
    } else {
      budget->setMax(backend.max_connections);
    }
  }
}

std::size_t PoolDirectory::ownerOf(const pool::PoolKey& wanted) {
  // A reload may change the settings of a pool, and it stays where it is.
  pool::PoolKey key = wanted;
  key.settings = {};
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(key);
  if (found != owners_.end()) {
    return found->second;
  }
  if (owners_.size() >= kMaxRemembered) {
    return pool::PoolKeyHash{}(key) % pools_of_worker_.size();
  }
  const auto least = std::min_element(pools_of_worker_.begin(), pools_of_worker_.end());
  ++*least;
  const auto worker = static_cast<std::size_t>(least - pools_of_worker_.begin());
  owners_.emplace(key, worker);
  return worker;
}

pool::Budget& PoolDirectory::budgetOf(const std::string& backend) {
  const std::lock_guard lock(mutex_);
  const auto found = budgets_.find(backend);
  check(found != budgets_.end(), "validate() found the backend of every rule");
  return *found->second;
}

}  // namespace peerpool::postgres
