// What a loop does with outputs: rounds, reports, early flushes, and outputs that die meanwhile.

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "proxy/event/event_loop.h"
#include "tests/proxy/event/test_output.h"
#include "tests/support/socket_pair.h"

namespace peerpool::event {
namespace {

using testing::receiveAll;
using testing::SocketPair;

void turnNow(EventLoop& loop) { loop.turn(TimePoint::min()); }

/// Runs its part with the plain flusher, with the default and with io_uring for everything.
struct Loops {
  Loops() {
    for (const FlusherKind kind : {FlusherKind::Send, FlusherKind::Auto}) {
      for (const std::size_t batch_from : {std::size_t{1}, kBatchFrom}) {
        all.push_back(std::make_unique<EventLoop>(EventLoop::Options{4096, kind, batch_from}));
      }
    }
  }
  std::vector<std::unique_ptr<EventLoop>> all;
};

TEST_CASE("output is sent at the end of the turn and reported once") {
  for (const auto& loop : Loops().all) {
    SocketPair sockets;
    TestOutput output(sockets.ours.get());
    loop->post([&] {
      output.append(loop->arena().store(asBytes("hello ")));
      loop->markOutput(output);
      output.append(loop->arena().store(asBytes("world")));
      loop->markOutput(output);
      CHECK(receiveAll(sockets.theirs.get()).empty());
    });
    turnNow(*loop);
    CHECK(receiveAll(sockets.theirs.get()) == "hello world");
    CHECK(output.reports == std::vector<int>{0});
    CHECK(loop->arena().free() == 4096);
    turnNow(*loop);
    CHECK(output.reports.size() == 1);
  }
}

TEST_CASE("output that was marked before the first turn does not wait for an event") {
  EventLoop loop{EventLoop::Options{}};
  SocketPair sockets;
  TestOutput output(sockets.ours.get());
  output.append(asBytes("hello"));
  loop.markOutput(output);
  loop.turn(kNever);
  CHECK(receiveAll(sockets.theirs.get()) == "hello");
}

TEST_CASE("a report may queue more, on any output, and it goes out in the same turn") {
  for (const auto& loop : Loops().all) {
    SocketPair first_sockets;
    SocketPair second_sockets;
    TestOutput first(first_sockets.ours.get());
    TestOutput second(second_sockets.ours.get());
    int rounds = 0;
    first.on_flushed = [&](int) {
      if (++rounds < 3) {
        for (TestOutput* output : {&first, &second}) {
          output->append(asBytes("again "));
          loop->markOutput(*output);
        }
      }
    };
    for (TestOutput* output : {&first, &second}) {
      output->append(asBytes("once "));
      loop->markOutput(*output);
    }
    turnNow(*loop);
    CHECK(receiveAll(first_sockets.theirs.get()) == "once again again ");
    CHECK(receiveAll(second_sockets.theirs.get()) == "once again again ");
    CHECK(second.pending() == 0);
  }
}

TEST_CASE("an early flush frees the arena and what is queued after it still goes out") {
  for (const auto& loop : Loops().all) {
    SocketPair sockets(1);
    SocketPair fast;
    TestOutput slow_output(sockets.ours.get());
    TestOutput output(fast.ours.get());
    std::string expected;
    for (int i = 0; i < 100; ++i) {
      const std::string text(100, static_cast<char>('a' + i % 26));
      ByteView stored = loop->arena().store(asBytes(text));
      if (stored.empty()) {
        loop->flushNow();
        loop->arena().reset();
        stored = loop->arena().store(asBytes(text));
      }
      for (TestOutput* each : {&output, &slow_output}) {
        each->append(stored);
        if (!each->blocked()) {
          loop->markOutput(*each);
        }
      }
      expected += text;
    }
    CHECK(output.reports.empty());
    turnNow(*loop);
    CHECK(receiveAll(fast.theirs.get()) == expected);
    CHECK(output.reports == std::vector<int>{0});
    CHECK(slow_output.reports == std::vector<int>{EAGAIN});
    std::string slow;
    for (int round = 0; round < 1000 && slow.size() < expected.size(); ++round) {
      slow += receiveAll(sockets.theirs.get());
      loop->markOutput(slow_output);
      turnNow(*loop);
    }
    CHECK(slow == expected);
    CHECK(slow_output.reports.back() == 0);
  }
}

TEST_CASE("hundreds of slices go out in one turn") {
  for (const auto& loop : Loops().all) {
    SocketPair sockets;
    TestOutput output(sockets.ours.get());
    const std::string memory = "0123456789";
    std::string expected;
    for (std::size_t i = 0; i < 300; ++i) {
      output.append(asBytes(memory).subspan(i * 7 % 10, 1));
      expected += memory[i * 7 % 10];
    }
    loop->markOutput(output);
    turnNow(*loop);
    CHECK(receiveAll(sockets.theirs.get()) == expected);
    CHECK(output.reports == std::vector<int>{0});
  }
}

TEST_CASE("an output that dies before its report, or before its flush, is forgotten") {
  for (const auto& loop : Loops().all) {
    SocketPair sockets;
    TestOutput first(sockets.ours.get());
    auto second = std::make_unique<TestOutput>(sockets.ours.get());
    auto third = std::make_unique<TestOutput>(sockets.ours.get());
    first.on_flushed = [&](int) { second.reset(); };
    for (TestOutput* output : {&first, second.get(), third.get()}) {
      output->append(asBytes("x"));
      loop->markOutput(*output);
    }
    third.reset();
    turnNow(*loop);
    CHECK(second == nullptr);
    CHECK(receiveAll(sockets.theirs.get()) == "xx");
  }
}

TEST_CASE("a failed send is reported with its errno") {
  for (const auto& loop : Loops().all) {
    SocketPair sockets;
    TestOutput output(sockets.ours.get());
    sockets.theirs.reset();
    output.append(asBytes("x"));
    loop->markOutput(output);
    turnNow(*loop);
    CHECK(output.reports == std::vector<int>{EPIPE});
  }
}

}  // namespace
}  // namespace peerpool::event
