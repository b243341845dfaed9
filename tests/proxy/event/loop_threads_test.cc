// What other threads may do to a loop, and signals. Meant to be run under ThreadSanitizer too.

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "proxy/event/event_loop.h"
#include "proxy/event/signals.h"

namespace peerpool::event {
namespace {

TEST_CASE("work posted by several threads runs all, each thread's in its order") {
  constexpr int kThreads = 4;
  constexpr int kJobs = 5000;
  EventLoop loop{EventLoop::Options{}};
  std::vector<std::vector<int>> seen(kThreads);  // Touched by the loop's thread only.
  int done = 0;
  std::thread runner([&] { loop.run(); });
  std::vector<std::thread> posters;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int job = 0; job < kJobs; ++job) {
        loop.post([&, thread, job] {
          seen[thread].push_back(job);
          if (++done == kThreads * kJobs) {
            loop.stop();
          }
        });
      }
    });
  }
  for (std::thread& poster : posters) {
    poster.join();
  }
  runner.join();
  for (const std::vector<int>& jobs : seen) {
    REQUIRE(jobs.size() == kJobs);
    CHECK(std::is_sorted(jobs.begin(), jobs.end()));
  }
}

TEST_CASE("work posted before stop has run when run returns") {
  for (int round = 0; round < 200; ++round) {
    EventLoop loop{EventLoop::Options{}};
    int ran = 0;
    std::thread runner([&] { loop.run(); });
    loop.post([&] { ++ran; });
    loop.post([&] { ++ran; });
    loop.stop();
    runner.join();
    CHECK(ran == 2);
  }
}

TEST_CASE("stop before run lets one turn run") {
  EventLoop loop{EventLoop::Options{}};
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.stop();
  loop.run();
  CHECK(ran);
}

TEST_CASE("work posted by work runs in a later turn") {
  EventLoop loop{EventLoop::Options{}};
  int turns = 0;
  loop.post([&] { loop.post([&] { ++turns; }); });
  loop.turn(TimePoint::min());
  CHECK(turns == 0);
  loop.turn(kNever);  // Woken by the post.
  CHECK(turns == 1);
}

TEST_CASE("a job may own what cannot be copied, and work that never ran is destroyed") {
  const auto alive = std::make_shared<int>(1);
  {
    EventLoop loop{EventLoop::Options{}};
    int result = 0;
    loop.post([owned = std::make_unique<int>(7), &result] { result = *owned; });
    loop.turn(TimePoint::min());
    CHECK(result == 7);
    loop.post([alive] {});
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("two loops send work to and fro") {
  EventLoop first{EventLoop::Options{}};
  EventLoop second{EventLoop::Options{}};
  int count = 0;
  // Owned by one loop at a time, as a connection on its way is.
  std::function<void()> bounce = [&] {
    if (++count == 1000) {
      first.stop();
      second.stop();
      return;
    }
    (count % 2 == 0 ? first : second).post([&] { bounce(); });
  };
  std::thread runner([&] { first.run(); });
  first.post([&] { bounce(); });
  second.run();
  runner.join();
  CHECK(count == 1000);
}

TEST_CASE("a signal is an event of the loop") {
  Signals::block({SIGRTMIN, SIGRTMIN + 1});
  EventLoop loop{EventLoop::Options{}};
  std::vector<int> seen;
  {
    const Signals signals(loop, {SIGRTMIN, SIGRTMIN + 1}, [&](int signal) {
      seen.push_back(signal);
      if (seen.size() == 2) {
        loop.stop();
      }
    });
    // To this thread: others of the test runner may not have blocked it.
    ::pthread_kill(::pthread_self(), SIGRTMIN);
    ::pthread_kill(::pthread_self(), SIGRTMIN + 1);
    loop.run();
  }
  CHECK(seen == std::vector<int>{SIGRTMIN, SIGRTMIN + 1});
}

}  // namespace
}  // namespace peerpool::event
