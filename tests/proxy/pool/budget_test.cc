// One count, many threads.

#include "proxy/pool/budget.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using peerpool::pool::Budget;

TEST_CASE("A budget gives as many places as it has", "[pool][budget]") {
  Budget budget(2);
  CHECK(budget.max() == 2);
  CHECK(budget.tryTake());
  CHECK(budget.tryTake());
  CHECK_FALSE(budget.tryTake());
  CHECK(budget.taken() == 2);
  budget.giveBack();
  CHECK(budget.tryTake());
  CHECK_FALSE(Budget(0).tryTake());
}

TEST_CASE("A budget is exact over threads", "[pool][budget]") {
  Budget budget(5);
  std::atomic<int> held{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      int mine = 0;
      for (int step = 0; step < 20'000; ++step) {
        if (mine < 3 && budget.tryTake()) {
          ++mine;
          const int now = held.fetch_add(1) + 1;
          int seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
        } else if (mine > 0) {
          --mine;
          held.fetch_sub(1);
          budget.giveBack();
        }
      }
      for (; mine > 0; --mine) {
        held.fetch_sub(1);
        budget.giveBack();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(most.load() <= 5);
  CHECK(budget.taken() == 0);
}
