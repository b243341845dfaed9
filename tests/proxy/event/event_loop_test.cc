// The loop on one thread: events, the ready list, deletion and the order of a turn.

#include "proxy/event/event_loop.h"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/socket_pair.h"

namespace peerpool::event {
namespace {

using testing::sendSome;
using testing::SocketPair;

class TestWatcher final : public Watcher {
 public:
  explicit TestWatcher(EventLoop& event_loop, int send_buffer = 0)
      : loop(event_loop), sockets(send_buffer) {
    loop.watch(sockets.ours.get(), *this);
  }
  ~TestWatcher() { stop(); }
  TestWatcher(const TestWatcher&) = delete;
  TestWatcher& operator=(const TestWatcher&) = delete;
  void stop() {
    if (sockets.ours) {
      loop.unwatch(sockets.ours.get(), *this);
      sockets.ours.reset();
    }
  }
  void onEvent(Readiness readiness) override {
    events.push_back(readiness);
    if (work) {
      work();
    }
  }

  EventLoop& loop;
  SocketPair sockets;
  std::vector<Readiness> events;
  std::function<void()> work;
};

class TestNode final : public ReadyNode {
 public:
  explicit TestNode(std::function<void()> callback) : work(std::move(callback)) {}
  void onReady() override {
    ++served;
    work();
  }
  int served = 0;
  std::function<void()> work;
};

class Dying final : public Deletable {
 public:
  explicit Dying(std::function<void()> callback) : work(std::move(callback)) {}
  ~Dying() override { work(); }
  std::function<void()> work;
};

void turnNow(EventLoop& loop) { loop.turn(TimePoint::min()); }

TEST_CASE("a descriptor's changes come once each") {
  EventLoop loop{EventLoop::Options{}};
  TestWatcher watcher(loop);
  turnNow(loop);
  REQUIRE(watcher.events.size() == 1);
  CHECK(watcher.events[0].writable);
  CHECK_FALSE(watcher.events[0].readable);
  turnNow(loop);
  CHECK(watcher.events.size() == 1);
  sendSome(watcher.sockets.theirs.get(), "x");
  turnNow(loop);
  REQUIRE(watcher.events.size() == 2);
  CHECK(watcher.events[1].readable);
  CHECK_FALSE(watcher.events[1].hung_up);
  turnNow(loop);
  CHECK(watcher.events.size() == 2);  // Unread, but no news.
  watcher.sockets.theirs.reset();
  turnNow(loop);
  REQUIRE(watcher.events.size() == 3);
  CHECK(watcher.events[2].hung_up);
  CHECK(watcher.events[2].readable);
}

TEST_CASE("who is unwatched in a batch gets no more events of it") {
  EventLoop loop{EventLoop::Options{}};
  TestWatcher first(loop);
  TestWatcher second(loop);
  first.work = [&] { second.stop(); };
  second.work = [&] { first.stop(); };
  turnNow(loop);
  CHECK(first.events.size() + second.events.size() == 1);
}

TEST_CASE("a watcher made in a batch at a dead one's address gets only its own events") {
  EventLoop loop{EventLoop::Options{}};
  TestWatcher first(loop);
  auto second = std::make_unique<TestWatcher>(loop);
  const int number = second->sockets.ours.get();
  bool replaced = false;
  first.work = [&] {
    if (!replaced) {
      replaced = true;
      sendSome(second->sockets.theirs.get(), "for the old one");
      second.reset();
      second = std::make_unique<TestWatcher>(loop);
    }
  };
  sendSome(second->sockets.theirs.get(), "for the old one");
  turnNow(loop);
  CHECK(second->sockets.ours.get() == number);
  turnNow(loop);
  for (const Readiness& readiness : second->events) {
    CHECK_FALSE(readiness.readable);
  }
}

TEST_CASE("a ready node is served once a turn until it unlinks itself") {
  EventLoop loop{EventLoop::Options{}};
  TestNode node([&] {
    if (node.served == 3) {
      node.unlink();
    }
  });
  loop.markReady(node);
  loop.markReady(node);
  for (int expected = 1; expected <= 3; ++expected) {
    loop.turn(kNever);  // Does not sleep: something is ready.
    CHECK(node.served == expected);
  }
  turnNow(loop);
  CHECK(node.served == 3);
}

TEST_CASE("nodes that become ready in the ready phase wait for the next turn") {
  EventLoop loop{EventLoop::Options{}};
  TestNode late([] {});
  TestNode first([&] { loop.markReady(late); });
  TestNode other([] {});
  loop.markReady(first);
  loop.markReady(other);
  turnNow(loop);
  CHECK(first.served == 1);
  CHECK(other.served == 1);
  CHECK(late.served == 0);
  turnNow(loop);
  CHECK(first.served == 2);
  CHECK(late.served == 1);
}

TEST_CASE("a ready node may take the next one out, and itself back in") {
  EventLoop loop{EventLoop::Options{}};
  TestNode victim([] {});
  TestNode first([&] {
    victim.unlink();
    first.unlink();
    loop.markReady(first);
  });
  loop.markReady(first);
  loop.markReady(victim);
  turnNow(loop);
  CHECK(first.served == 1);
  CHECK(victim.served == 0);
  turnNow(loop);
  CHECK(first.served == 2);
}

TEST_CASE(
    "what a callback deletes lives to the end of the turn, and dying things may delete more") {
  EventLoop loop{EventLoop::Options{}};
  std::string order;
  loop.post([&] {
    loop.deleteLater(std::make_unique<Dying>([&] {
      order += 'a';
      loop.deleteLater(std::make_unique<Dying>([&] { order += 'b'; }));
    }));
    order += '0';
  });
  loop.post([&] { order += '1'; });
  turnNow(loop);
  CHECK(order == "01ab");
}

TEST_CASE("a turn runs events, posted work, timers and ready nodes in this order") {
  class TestTimer final : public Timer {
   public:
    TestTimer(TimerQueue& queue, std::string& order) : Timer(queue), order_(order) {}
    ~TestTimer() override = default;

   private:
    void onTimer(TimePoint /*now*/) override { order_ += 't'; }
    std::string& order_;
  };
  EventLoop loop{EventLoop::Options{}};
  std::string order;
  TestNode node([&] {
    order += 'r';
    node.unlink();
  });
  loop.markReady(node);
  TestTimer timer(loop.timers(), order);
  timer.set(loop.now());
  loop.post([&] { order += 'p'; });
  TestWatcher watcher(loop);
  watcher.work = [&] { order += 'e'; };
  turnNow(loop);
  CHECK(order == "eptr");
}

TEST_CASE("a turn ends at a timer's deadline and not before") {
  class TestTimer final : public Timer {
   public:
    using Timer::Timer;
    ~TestTimer() override = default;
    TimePoint fired = kNever;

   private:
    void onTimer(TimePoint now) override { fired = now; }
  };
  EventLoop loop{EventLoop::Options{}};
  TestTimer timer(loop.timers());
  timer.set(loop.now() + std::chrono::milliseconds(20));
  while (timer.armed()) {
    loop.turn(kNever);
  }
  CHECK(timer.fired == loop.now());
  CHECK(timer.fired >= timer.deadline());
}

}  // namespace
}  // namespace peerpool::event
