// How many servers one backend may have, over all pools and workers.

#pragma once

#include <atomic>
#include <cstddef>

namespace peerpool::pool {

/// Places for servers, counted exactly. Any thread; one for each backend, shared by all workers.
class Budget {
 public:
  /// `max_connections`: of the backend in the configuration.
  explicit Budget(std::size_t max_connections) noexcept : max_(max_connections) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Takes one place; false when all are taken.
  [[nodiscard]] bool tryTake() noexcept;
  /// Gives one place back that was taken.
  void giveBack() noexcept;

  [[nodiscard]] std::size_t taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t max() const noexcept { return max_.load(std::memory_order_relaxed); }
  /// After a reload. Places above a lower one stay taken until they are given back.
  void setMax(std::size_t max_connections) noexcept {
    max_.store(max_connections, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::size_t> max_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace peerpool::pool
