// The resolver's queue and thread.

#include "proxy/server/resolver.h"

#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <vector>

namespace peerpool::server {
namespace {

TEST_CASE("Jobs run in their order, on another thread") {
  std::vector<int> order;
  std::promise<std::thread::id> last;
  Resolver resolver;
  for (int i = 0; i < 5; ++i) {
    CHECK(resolver.post([&order, i] { order.push_back(i); }));
  }
  CHECK(resolver.post([&last] { last.set_value(std::this_thread::get_id()); }));
  CHECK(last.get_future().get() != std::this_thread::get_id());
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("A full queue refuses, and the end destroys what never ran") {
  std::promise<void> entered;
  std::promise<void> gate;
  auto counted = std::make_shared<int>(0);
  {
    Resolver resolver(2);
    CHECK(resolver.post([&] {
      entered.set_value();
      gate.get_future().wait();
    }));
    entered.get_future().wait();
    CHECK(resolver.post([counted] { ++*counted; }));
    CHECK(resolver.post([counted] { ++*counted; }));
    CHECK_FALSE(resolver.post([counted] { ++*counted; }));
    CHECK(counted.use_count() == 3);
    // Opened only when the destructor surely waits would need a clock; either order is right.
    gate.set_value();
  }
  CHECK(counted.use_count() == 1);
  CHECK(*counted <= 2);
}

}  // namespace
}  // namespace peerpool::server
