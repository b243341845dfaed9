// Bytes that a uid may have hashed, by manual time.

#include "auth/hash_budget.h"

#include <catch2/catch.hpp>

namespace peerpool::auth {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
const TimePoint kStart{std::chrono::hours(1)};

TEST_CASE("A uid gets a bucket full of bytes and then what flows in (check 33)") {
  HashBudget budget(8 * kMiB, 2 * kMiB);
  CHECK(budget.take(7, 5 * kMiB, kStart));
  CHECK_FALSE(budget.take(7, 4 * kMiB, kStart));
  CHECK(budget.take(7, 3 * kMiB, kStart));
  CHECK_FALSE(budget.take(7, kMiB, kStart));
  CHECK(budget.take(8, 8 * kMiB, kStart));
  const TimePoint later = kStart + std::chrono::seconds(1);
  CHECK(budget.take(7, 2 * kMiB, later));
  CHECK_FALSE(budget.take(7, kMiB, later));
}

TEST_CASE("Small files cost something too, and none costs more than a bucket") {
  HashBudget budget(2 * kMiB, kMiB);
  CHECK(budget.take(7, 1, kStart));
  CHECK(budget.take(7, 0, kStart));
  CHECK_FALSE(budget.take(7, 0, kStart));
  CHECK_FALSE(budget.take(8, 2 * kMiB + 1, kStart));
  HashBudget tiny(100, 100);
  CHECK(tiny.take(7, 1, kStart));
  CHECK_FALSE(tiny.take(7, 1, kStart));
}

TEST_CASE("Only so many uids are remembered, and a full bucket is forgotten") {
  HashBudget budget(kMiB, kMiB);
  for (uid_t uid = 0; uid < HashBudget::kMaxBuckets; ++uid) {
    REQUIRE(budget.take(uid, kMiB, kStart));
  }
  CHECK_FALSE(budget.take(5000, kMiB, kStart));
  CHECK(budget.take(5000, kMiB, kStart + std::chrono::seconds(2)));
  CHECK(budget.size() == 1);
}

}  // namespace
}  // namespace peerpool::auth
