// What a lease costs its holder is paid back when it ends, wherever that is.

#include "tests/proxy/pool/fakes.h"

namespace peerpool::pool {
namespace {

class CountingCharge final : public LeaseCharge {
 public:
  explicit CountingCharge(int& paid_back) : paid_back_(paid_back) {}
  ~CountingCharge() override { ++paid_back_; }
  CountingCharge(const CountingCharge&) = delete;
  CountingCharge& operator=(const CountingCharge&) = delete;

 private:
  int& paid_back_;
};

TEST_CASE("the charge of a lease follows it, and is paid back once when the server goes") {
  Scene scene(settingsOf(2));
  scene.openIdle(2, kStart);
  int paid_back = 0;
  FakeWaiter client;
  FakeWaiter other;
  REQUIRE(client.ask(scene.pool, kStart));
  REQUIRE(other.ask(scene.pool, kStart));
  Lease lease = *std::exchange(client.lease, std::nullopt);
  lease.charge(std::make_unique<CountingCharge>(paid_back));
  SECTION("given back") {
    Lease moved = std::move(lease);
    CHECK(paid_back == 0);
    moved.giveBack(kStart);
    CHECK(paid_back == 1);
  }
  SECTION("paid back before the next one is served") {
    FakeWaiter next;
    REQUIRE_FALSE(next.ask(scene.pool, kStart));
    int seen = -1;
    next.on_lease = [&] { seen = paid_back; };
    lease.giveBack(kStart);
    CHECK(seen == 1);
  }
  SECTION("discarded") {
    lease.discard();
    CHECK(paid_back == 1);
  }
  SECTION("overwritten by another lease") {
    lease = *std::exchange(other.lease, std::nullopt);
    CHECK(paid_back == 1);
  }
  SECTION("destroyed") {
    { const Lease last = std::move(lease); }
    CHECK(paid_back == 1);
  }
}

}  // namespace
}  // namespace peerpool::pool
