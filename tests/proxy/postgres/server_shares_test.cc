// Who may hold a server, over several loops: first come, first served.

#include "proxy/postgres/server_shares.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace peerpool::postgres {
namespace {

using namespace std::chrono_literals;
using event::EventLoop;

EventLoop::Options smallLoop() { return {std::size_t{1} << 20, event::FlusherKind::Send}; }

/// A client with its turn; remembers how it ended.
struct Client {
  Client(EventLoop& loop, std::shared_ptr<ServerShare> share)
      : turn(std::in_place, loop, std::move(share), [this](bool granted) { ended = granted; }) {}
  bool take(std::size_t limit = 1, TimePoint deadline = kNever) {
    return turn->take(limit, deadline);
  }
  std::optional<ServerTurn> turn;
  std::optional<bool> ended;
};

TEST_CASE("rights up to the limit are given at once, the next waits for one to be given back") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  Client one(loop, shares.find("rule", 1));
  Client two(loop, shares.find("rule", 1));
  Client three(loop, shares.find("rule", 1));
  CHECK(one.take(2));
  CHECK(one.take(2));  // It has it already.
  CHECK(three.turn->hasRoom(2));
  CHECK(two.take(2));
  CHECK_FALSE(three.turn->hasRoom(2));
  CHECK_FALSE(three.take(2));
  CHECK_FALSE(three.take(2));  // It waits already.
  std::unique_ptr<pool::LeaseCharge> charge = one.turn->makeCharge();
  loop.turn(TimePoint::min());
  CHECK_FALSE(three.ended);
  charge.reset();
  CHECK_FALSE(three.ended);  // In a later turn.
  loop.turn(TimePoint::min());
  CHECK(three.ended == true);
  CHECK(three.take(2));
  CHECK_FALSE(one.take(2));
}

TEST_CASE("another uid and another rule have shares of their own, forgotten when nobody is left") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  {
    Client one(loop, shares.find("rule", 1));
    Client two(loop, shares.find("rule", 2));
    Client three(loop, shares.find("other", 1));
    CHECK(one.take());
    CHECK(two.take());
    CHECK(three.take());
    CHECK(shares.size() == 3);
    CHECK(shares.find("rule", 1) == shares.find("rule", 1));
  }
  CHECK(shares.size() == 0);
}

TEST_CASE("who comes first is served first, and who left the queue is passed over") {
  ServerShares shares;
  EventLoop here(smallLoop());
  EventLoop there(smallLoop());
  const auto share = shares.find("rule", 1);
  Client holder(here, share);
  Client first(there, share);
  Client second(here, share);
  Client third(there, share);
  REQUIRE(holder.take());
  CHECK_FALSE(first.take());
  CHECK_FALSE(second.take());
  CHECK_FALSE(third.take());
  second.turn.reset();
  holder.turn->leave();
  CHECK_FALSE(holder.take());  // It stands behind those who wait.
  there.turn(TimePoint::min());
  CHECK(first.ended == true);
  CHECK_FALSE(third.ended);
  first.turn->leave();
  there.turn(TimePoint::min());
  CHECK(third.ended == true);
}

TEST_CASE("a right that finds its client gone goes to the next, even when the loop has ended") {
  ServerShares shares;
  EventLoop here(smallLoop());
  auto there = std::make_unique<EventLoop>(smallLoop());
  const auto share = shares.find("rule", 1);
  Client holder(here, share);
  Client gone(*there, share);
  Client next(here, share);
  REQUIRE(holder.take());
  CHECK_FALSE(gone.take());
  CHECK_FALSE(next.take());
  holder.turn->leave();  // Its right is on the way to a client ...
  gone.turn.reset();     // ... that leaves before it comes.
  const bool loop_ends = GENERATE(true, false);
  if (loop_ends) {
    there.reset();
  } else {
    there->turn(TimePoint::min());
  }
  here.turn(TimePoint::min());
  CHECK(next.ended == true);
}

TEST_CASE("patience ends") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  const auto share = shares.find("rule", 1);
  Client holder(loop, share);
  Client waiting(loop, share);
  REQUIRE(holder.take());
  const TimePoint deadline = loop.now() + 300ms;
  CHECK_FALSE(waiting.take(1, deadline));
  loop.timers().fire(deadline - 1ms);
  CHECK_FALSE(waiting.ended);
  loop.timers().fire(deadline);
  CHECK(waiting.ended == false);
  holder.turn->leave();
  CHECK(waiting.take());  // Nothing is left of the first attempt.
}

TEST_CASE("a right that is taken anyway counts, and who comes next waits for more than one") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  const auto share = shares.find("rule", 1);
  Client one(loop, share);
  Client two(loop, share);
  Client next(loop, share);
  REQUIRE(one.take());
  two.turn->takeAnyway();
  two.turn->takeAnyway();  // It has it already.
  CHECK(two.take());
  CHECK_FALSE(next.take());
  one.turn->leave();
  loop.turn(TimePoint::min());
  CHECK_FALSE(next.ended);
  two.turn->leave();
  loop.turn(TimePoint::min());
  CHECK(next.ended == true);
}

TEST_CASE("who queues anew with an earlier deadline stands before those who came meanwhile") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  const auto share = shares.find("rule", 1);
  const TimePoint start = loop.now();
  Client holder(loop, share);
  Client later(loop, share);
  Client earlier(loop, share);
  REQUIRE(holder.take());
  CHECK_FALSE(holder.turn->waitsUntil());
  CHECK_FALSE(later.take(1, start + 2s));
  CHECK_FALSE(earlier.take(1, start + 1s));
  CHECK(earlier.turn->waitsUntil() == start + 1s);
  holder.turn->leave();
  loop.turn(TimePoint::min());
  CHECK(earlier.ended == true);
  CHECK_FALSE(later.ended);
  CHECK_FALSE(earlier.turn->waitsUntil());
}

TEST_CASE("those who wait are served as soon as their own limit permits it") {
  ServerShares shares;
  EventLoop loop(smallLoop());
  const auto share = shares.find("rule", 1);
  Client holder(loop, share);
  Client first(loop, share);
  Client second(loop, share);
  REQUIRE(holder.take());
  CHECK_FALSE(first.take(1));
  CHECK_FALSE(second.take(3));
  const bool leaves = GENERATE(false, true);
  first.turn->leave();
  if (!leaves) {
    CHECK(first.take(3, TimePoint::min()));  // A reload has given it another one.
  }
  loop.turn(TimePoint::min());
  CHECK(second.ended == true);
}

TEST_CASE("never more than the limit hold a right, over threads that take and give back") {
  ServerShares shares;
  std::atomic<int> holders{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  // They outlive all threads: another may be about to wake one whose thread is done.
  std::vector<std::unique_ptr<EventLoop>> loops;
  for (int i = 0; i < 3; ++i) {
    loops.push_back(std::make_unique<EventLoop>(smallLoop()));
    threads.emplace_back([&, &loop = *loops.back()] {
      Client client(loop, shares.find("rule", 1));
      for (int n = 0; n < 500; ++n) {
        if (!client.take(2)) {
          while (!client.ended) {
            loop.turn(Clock::now() + 100ms);
          }
          client.ended.reset();
        }
        const int now = ++holders;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --holders;
        client.turn->leave();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(most <= 2);
  CHECK(shares.size() == 0);
}

}  // namespace
}  // namespace peerpool::postgres
