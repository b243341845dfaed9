// How a connection ends: hang-up while reading, paused or waiting, failed sends, finish, detach.

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "proxy/net/transport.h"
#include "tests/proxy/net/recording_handler.h"

namespace peerpool::net {
namespace {

using event::EventLoop;
using testing::receiveAll;
using testing::receiveSome;
using testing::sendSome;

TimePoint inAMinute() { return Clock::now() + std::chrono::minutes(1); }

TEST_CASE("data and the end in one event are both delivered, in this order") {
  for (const std::size_t size : {1U, 99U, 100U, 101U, 1000U}) {
    EventLoop loop{EventLoop::Options{}};
    Endpoint end(loop, {.window = 100});
    sendSome(end.theirs(), std::string(size, 'x'));
    end.sockets.theirs.reset();
    settle(loop, 20);
    CHECK(end.handler.received.size() == size);
    REQUIRE(end.handler.ends.size() == 1);
    CHECK(end.handler.ends[0].code == ErrorCode::Closed);
    CHECK_FALSE(end.transport->open());
  }
}

TEST_CASE("an end without data is reported and nobody is asked to take a server for it") {
  for (const bool half : {false, true}) {
    EventLoop loop{EventLoop::Options{}};
    Endpoint end(loop);
    settle(loop);
    half ? static_cast<void>(::shutdown(end.theirs(), SHUT_WR)) : end.sockets.theirs.reset();
    settle(loop);
    CHECK(end.handler.asked == 0);
    REQUIRE(end.handler.ends.size() == 1);
    CHECK(end.handler.ends[0].code == ErrorCode::Closed);
  }
}

TEST_CASE("a paused transport keeps data and end for later") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.transport->pauseReading();
  sendSome(end.theirs(), "last words");
  end.sockets.theirs.reset();
  settle(loop);
  CHECK(end.handler.ends.empty());
  end.transport->resumeReading();
  settle(loop);
  CHECK(end.handler.received == "last words");
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("a paused transport ends at a close, if its handler wants that, and not at half of one") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.handler.ends_when_closed = true;
  end.transport->pauseReading();
  sendSome(end.theirs(), "never read");
  REQUIRE(::shutdown(end.theirs(), SHUT_WR) == 0);
  settle(loop);
  CHECK(end.handler.ends.empty());
  end.sockets.theirs.reset();
  settle(loop);
  CHECK(end.handler.ends.size() == 1);
  CHECK(end.handler.received.empty());
  end.transport->resumeReading();
  settle(loop);
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("a close that comes with what makes its handler pause ends it as well") {
  const bool together = GENERATE(true, false);
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.handler.ends_when_closed = true;
  end.handler.on_bytes = [&](ByteView) {
    end.transport->pauseReading();
    return std::size_t{0};
  };
  sendSome(end.theirs(), "wait, and goodbye");
  if (!together) {
    settle(loop);
    CHECK(end.handler.ends.empty());
  }
  end.sockets.theirs.reset();
  settle(loop);
  CHECK(end.handler.deliveries == 1);
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("a hang-up of one that waits is reported at once") {
  for (const bool before : {false, true}) {
    EventLoop loop{EventLoop::Options{}};
    Endpoint end(loop);
    end.handler.may_read = false;
    sendSome(end.theirs(), "query");
    if (!before) {
      settle(loop);
      CHECK(end.handler.ends.empty());
    }
    end.sockets.theirs.reset();
    settle(loop);
    CHECK(end.handler.ends.size() == 1);
    CHECK(end.handler.deliveries == 0);
    end.handler.may_read = true;
    end.transport->resumeReading();
    settle(loop);
    CHECK(end.handler.ends.size() == 1);
    CHECK(end.handler.deliveries == 0);
  }
}

TEST_CASE("what the other side said before it refused our output is still delivered") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.window = 100});
  settle(loop);
  end.handler.may_read = true;
  sendSome(end.theirs(), std::string(950, 'F'));
  end.sockets.theirs.reset();
  end.transport->queue("too late");
  settle(loop, 20);
  CHECK(end.handler.received == std::string(950, 'F'));
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Closed);
}

TEST_CASE("a close of the other side with our bytes unread is an end, after its own bytes") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.transport->queue("never read");
  settle(loop);
  sendSome(end.theirs(), "FATAL");
  end.sockets.theirs.reset();
  settle(loop);
  CHECK(end.handler.received == "FATAL");
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Closed);
}

TEST_CASE("a peer that speaks but refuses to listen is ended when we have something to say") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  settle(loop);
  ::shutdown(end.theirs(), SHUT_RD);
  sendSome(end.theirs(), "question");
  end.handler.on_bytes = [&](ByteView bytes) {
    end.transport->queue("answer");
    return bytes.size();
  };
  settle(loop);
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Closed);
}

TEST_CASE("a failed send ends congestion, so that the source is not stuck") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.high_watermark = 1000}, 1);
  end.transport->queue(std::string(100'000, 'x'));
  settle(loop);
  CHECK(end.transport->congested());
  end.sockets.theirs.reset();
  settle(loop);
  CHECK_FALSE(end.transport->congested());
  CHECK(end.handler.drained == 1);
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("out-of-band data alone, for which a server may have been taken, ends the connection") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  settle(loop);
  REQUIRE(::send(end.theirs(), "x", 1, MSG_OOB) == 1);
  settle(loop);
  CHECK(end.handler.deliveries == 0);
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Protocol);
}

TEST_CASE(
    "after endOutput with output that was not sent, the end still comes from the other side") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {}, 4096);
  end.transport->queue(std::string(1'000'000, 'x'));
  settle(loop);
  REQUIRE(end.transport->pendingOutput() > 0);
  end.transport->endOutput();
  end.transport->queue("too late");
  CHECK(end.transport->pendingOutput() == 0);
  CHECK_FALSE(receiveAll(end.theirs()).empty());  // Makes the socket writable again.
  CHECK(receiveSome(end.theirs()) == std::nullopt);
  settle(loop);
  CHECK(end.handler.ends.empty());
  sendSome(end.theirs(), "last words");
  end.sockets.theirs.reset();
  settle(loop);
  CHECK(end.handler.received == "last words");
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("finish sends the output, then reports; the other side sees a clean end") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  settle(loop);
  sendSome(end.theirs(), "unread input");
  end.transport->queue("FATAL: no");
  end.transport->finish(inAMinute());
  CHECK(end.handler.ends.empty());  // Not from inside the call.
  CHECK_FALSE(end.transport->open());
  end.handler.on_end = [&] { CHECK(end.transport->pendingOutput() == 0); };
  settle(loop);
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Closed);
  CHECK(end.handler.deliveries == 0);
  end.transport.reset();
  CHECK(receiveAll(end.theirs()) == "FATAL: no");
  char byte = 0;
  CHECK(::recv(end.theirs(), &byte, 1, 0) == 0);  // Not ECONNRESET.
}

TEST_CASE("finish without output and after an end reports too") {
  for (const bool after_end : {false, true}) {
    EventLoop loop{EventLoop::Options{}};
    Endpoint end(loop);
    if (after_end) {
      end.sockets.theirs.reset();
      settle(loop);
      REQUIRE(end.handler.ends.size() == 1);
    }
    end.handler.ends.clear();
    end.transport->finish(inAMinute());
    settle(loop);
    CHECK(end.handler.ends.size() == 1);
    CHECK(loop.timers().size() == 0);
  }
}

TEST_CASE("finish inside onBytes and inside onEnd is like anywhere else") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.handler.on_bytes = [&](ByteView) {
    end.transport->queue("no");
    end.transport->finish(inAMinute());
    return std::size_t{0};
  };
  sendSome(end.theirs(), "hello");
  settle(loop);
  CHECK(end.handler.ends.size() == 1);
  CHECK(receiveAll(end.theirs()) == "no");

  Endpoint other(loop, {.carry = 10});
  other.handler.on_bytes = [](ByteView) { return std::size_t{0}; };
  other.handler.on_end = [&] {
    if (other.handler.ends.size() == 1) {
      other.transport->queue("too long");
      other.transport->finish(inAMinute());
    }
  };
  sendSome(other.theirs(), "more than ten bytes");
  settle(loop);
  REQUIRE(other.handler.ends.size() == 2);
  CHECK(other.handler.ends[0].code == ErrorCode::Protocol);
  CHECK(other.handler.ends[1].code == ErrorCode::Closed);
  CHECK(receiveAll(other.theirs()) == "too long");
}

TEST_CASE("finish gives up at its deadline, and at once when the other side is gone") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint stuck(loop, {}, 1);
  Endpoint gone(loop, {}, 1);
  for (Endpoint* end : {&stuck, &gone}) {
    end->transport->queue(std::string(100'000, 'x'));
  }
  settle(loop);
  stuck.transport->finish(loop.now() + std::chrono::milliseconds(30));
  gone.transport->finish(inAMinute());
  gone.sockets.theirs.reset();
  settle(loop);
  CHECK(gone.handler.ends.size() == 1);
  while (stuck.handler.ends.empty()) {
    loop.turn(inAMinute());
  }
  CHECK(stuck.transport->pendingOutput() > 0);
  CHECK(loop.timers().size() == 0);
}

TEST_CASE("finish lets a peer that is blocked in its own output read ours") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.window = 1000, .reads_per_turn = 1}, 4096);
  end.transport->pauseReading();
  end.transport->queue(std::string(50'000, 'x'));
  settle(loop);
  // A peer that writes all it has before it reads anything.
  std::size_t left = 200'000;
  std::string received;
  end.transport->finish(inAMinute());
  for (int round = 0; round < 1000 && end.handler.ends.empty(); ++round) {
    if (left > 0) {
      left -= sendSome(end.theirs(), std::string(std::min<std::size_t>(left, 1000), 'y'));
    } else {
      received += receiveAll(end.theirs());
    }
    loop.turn(TimePoint::min());
  }
  received += receiveAll(end.theirs());
  CHECK(left == 0);
  CHECK(received == std::string(50'000, 'x'));
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("a detached connection goes on at another loop with nothing lost or twice") {
  for (const bool inside : {false, true}) {
    EventLoop first{EventLoop::Options{}};
    EventLoop second{EventLoop::Options{}};
    Endpoint end(first);
    Transport::Detached detached;
    end.handler.on_bytes = [&](ByteView bytes) {
      if (inside) {
        detached = end.transport->detach(bytes.subspan(5));
        return std::size_t{0};
      }
      return std::size_t{5};
    };
    sendSome(end.theirs(), "startquery");
    settle(first);
    if (!inside) {
      detached = end.transport->detach();
    }
    CHECK(detached.leftover == "query");
    CHECK_FALSE(end.transport->open());
    sendSome(end.theirs(), " and more");
    settle(first);
    RecordingHandler handler;
    Transport moved(second, std::move(detached.fd), handler, {}, detached.leftover);
    end.transport.reset();
    settle(first);
    settle(second);
    CHECK(handler.received == "query and more");
    moved.queue("answer");
    settle(second);
    CHECK(receiveAll(end.theirs()) == "answer");
    end.sockets.theirs.reset();
    settle(second);
    CHECK(handler.ends.size() == 1);
    CHECK(end.handler.ends.empty());
  }
}

TEST_CASE("leftover waits for a handler that may not read yet") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {}, 0, "left over");
  end.handler.may_read = false;
  settle(loop);
  CHECK(end.handler.deliveries == 0);
  end.handler.may_read = true;
  end.transport->resumeReading();
  settle(loop);
  CHECK(end.handler.received == "left over");
}

}  // namespace
}  // namespace peerpool::net
