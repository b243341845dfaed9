// Token buckets, with a clock of the test's own.

#include "auth/connect_rates.h"

#include <catch2/catch.hpp>

namespace peerpool::auth {
namespace {

using namespace std::chrono_literals;

constexpr config::Rate kThreePerSecond{3, Duration(1000)};

TEST_CASE("a full bucket lets a burst in, then as many as are refilled") {
  ConnectRates rates;
  TimePoint now(10s);
  const auto takes = [&] { return rates.take("pg", 1, kThreePerSecond, now); };
  CHECK(takes());
  CHECK(takes());
  CHECK(takes());
  CHECK_FALSE(takes());
  now += 333ms;
  CHECK_FALSE(takes());
  now += 1ms;
  CHECK(takes());
  CHECK_FALSE(takes());
  now += 10s;  // No more than the bucket holds.
  CHECK(takes());
  CHECK(takes());
  CHECK(takes());
  CHECK_FALSE(takes());
}

TEST_CASE("who keeps knocking gets exactly the rate") {
  ConnectRates rates;
  int taken = 0;
  for (TimePoint now(0s); now < TimePoint(60s); now += 1ms) {
    taken += rates.take("pg", 1, {100, Duration(1000)}, now) ? 1 : 0;
  }
  CHECK(taken >= 100 + 5998);
  CHECK(taken <= 100 + 6000);
}

TEST_CASE("uids and listeners have buckets of their own, and full ones are forgotten") {
  ConnectRates rates;
  const TimePoint now(10s);
  const config::Rate one{1, Duration(1000)};
  CHECK(rates.take("pg", 1, one, now));
  CHECK(rates.take("pg", 2, one, now));
  CHECK(rates.take("other", 1, one, now));
  CHECK_FALSE(rates.take("pg", 1, one, now));
  CHECK(rates.size() == 3);
  CHECK(rates.take("pg", 3, one, now + 1s));
  CHECK(rates.size() == 1);
}

TEST_CASE("many uids cannot make the table grow for ever") {
  ConnectRates rates;
  const config::Rate slow{1, Duration(3'600'000)};
  TimePoint now(10s);
  for (uid_t uid = 0; uid < ConnectRates::kMaxBuckets + 100; ++uid) {
    now += 1ms;
    CHECK(rates.take("pg", uid, slow, now));
  }
  CHECK(rates.size() == ConnectRates::kMaxBuckets);
  CHECK_FALSE(rates.take("pg", ConnectRates::kMaxBuckets, slow, now));
  CHECK(rates.take("pg", 0, slow, now));  // The first ones are forgotten.
}

}  // namespace
}  // namespace peerpool::auth
