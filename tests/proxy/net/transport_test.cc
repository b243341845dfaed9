// Bytes in and bytes out of a transport: carry, pause, budget, the arena's limits.

#include "proxy/net/transport.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/proxy/net/recording_handler.h"

namespace peerpool::net {
namespace {

using event::EventLoop;
using testing::receiveAll;
using testing::sendSome;

TEST_CASE("bytes come in and go out") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.handler.on_bytes = [&](ByteView bytes) {
    end.transport->queue("you said: ");
    end.transport->queue(bytes);
    return bytes.size();
  };
  settle(loop);
  CHECK(end.handler.asked == 0);
  sendSome(end.theirs(), "hello");
  loop.turn(TimePoint::min());  // One turn is enough for both ways.
  CHECK(receiveAll(end.theirs()) == "you said: hello");
  CHECK(end.handler.deliveries == 1);
  CHECK(end.transport->pendingOutput() == 0);
}

TEST_CASE("an incomplete message is carried, whatever the split") {
  const std::string text = "3abc05hello1x9nine char2ok";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      EventLoop loop{EventLoop::Options{}};
      Endpoint end(loop);
      std::vector<std::string> messages;
      end.handler.on_bytes = [&](ByteView bytes) {
        std::size_t position = 0;
        while (position < bytes.size()) {
          const std::size_t size = 1U + bytes[position] - '0';
          if (bytes.size() - position < size) {
            break;
          }
          messages.emplace_back(asText(bytes.subspan(position + 1, size - 1)));
          position += size;
        }
        return position;
      };
      for (const std::string& part :
           {text.substr(0, first), text.substr(first, second - first), text.substr(second)}) {
        sendSome(end.theirs(), part);
        loop.turn(TimePoint::min());
      }
      REQUIRE(messages == std::vector<std::string>{"abc", "", "hello", "x", "nine char", "ok"});
    }
  }
}

TEST_CASE("more carried than the limit ends the connection") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.window = 100, .carry = 150});
  end.handler.on_bytes = [](ByteView) { return std::size_t{0}; };
  sendSome(end.theirs(), std::string(150, 'x'));
  settle(loop);
  CHECK(end.handler.ends.empty());
  sendSome(end.theirs(), "x");
  settle(loop);
  REQUIRE(end.handler.ends.size() == 1);
  CHECK(end.handler.ends[0].code == ErrorCode::Protocol);
  CHECK_FALSE(end.transport->open());
  sendSome(end.theirs(), "more");
  settle(loop);
  CHECK(end.handler.ends.size() == 1);
}

TEST_CASE("a paused transport leaves the bytes in the socket and needs no turn") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.transport->pauseReading();
  sendSome(end.theirs(), "waiting");
  settle(loop);
  CHECK(end.handler.asked == 0);
  CHECK(end.handler.deliveries == 0);
  end.transport->resumeReading();
  CHECK(end.handler.deliveries == 0);  // Not from inside the call.
  loop.turn(kNever);
  CHECK(end.handler.received == "waiting");
}

TEST_CASE("a handler that may not read is asked again only after resumeReading or more input") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  end.handler.may_read = false;
  sendSome(end.theirs(), "a");
  settle(loop);
  CHECK(end.handler.asked == 1);
  sendSome(end.theirs(), "b");
  settle(loop);
  CHECK(end.handler.asked == 2);
  end.handler.may_read = true;
  end.transport->resumeReading();
  loop.turn(kNever);
  CHECK(end.handler.received == "ab");
}

TEST_CASE("resumeReading delivers what is carried even if nothing more comes") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop);
  bool ready = false;
  std::string received;
  end.handler.on_bytes = [&](ByteView bytes) {
    received = asText(bytes);
    if (!ready) {
      end.transport->pauseReading();
      return std::size_t{3};
    }
    return bytes.size();
  };
  sendSome(end.theirs(), "onetwo");
  settle(loop);
  CHECK(received == "onetwo");
  CHECK(end.handler.deliveries == 1);
  ready = true;
  end.transport->resumeReading();
  settle(loop);
  CHECK(received == "two");
  CHECK(end.handler.deliveries == 2);
  end.transport->resumeReading();
  settle(loop);
  CHECK(end.handler.deliveries == 2);  // Nothing is left.
}

TEST_CASE("a flood is read in portions, and others are served in between") {
  EventLoop loop{EventLoop::Options{}};
  const Transport::Limits limits{.window = 100, .reads_per_turn = 2};
  Endpoint flood(loop, limits);
  Endpoint calm(loop, limits);
  std::string seen;
  flood.handler.on_bytes = [&](ByteView bytes) {
    seen += 'f';
    return bytes.size();
  };
  calm.handler.on_bytes = [&](ByteView bytes) {
    seen += 'c';
    return bytes.size();
  };
  sendSome(flood.theirs(), std::string(2000, 'x'));
  sendSome(calm.theirs(), "x");
  loop.turn(TimePoint::min());
  CHECK(seen.find('c') <= 2);
  CHECK(seen.size() <= 5);
  settle(loop, 20);
  CHECK(seen.size() == 21);
}

TEST_CASE("a handler is never asked about bytes that do not exist") {
  // The input fills the windows exactly, so the transport cannot know that it is drained.
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.window = 100, .reads_per_turn = 2});
  sendSome(end.theirs(), std::string(200, 'x'));
  settle(loop);
  CHECK(end.handler.received.size() == 200);
  CHECK(end.handler.asked == 1);
}

TEST_CASE("more transports than the arena holds are served in one turn") {
  EventLoop loop{EventLoop::Options{.arena_size = 4096}};
  const Transport::Limits limits{.window = 1000, .carry = 1000};
  std::vector<std::unique_ptr<Endpoint>> ends;
  for (int i = 0; i < 50; ++i) {
    ends.push_back(std::make_unique<Endpoint>(loop, limits));
    Endpoint& end = *ends.back();
    end.handler.on_bytes = [&end](ByteView bytes) {
      if (bytes.size() < 900) {
        return std::size_t{0};
      }
      end.transport->queue(bytes.first(500));
      end.transport->queue(std::string(2000, '+'));  // Gone when this returns.
      end.transport->queue(bytes.subspan(500));
      return bytes.size();
    };
    sendSome(end.theirs(), std::string(600, static_cast<char>('A' + i % 26)));
  }
  settle(loop);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    sendSome(ends[i]->theirs(), std::string(300, static_cast<char>('a' + i % 26)));
  }
  settle(loop);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto upper = static_cast<char>('A' + i % 26);
    const auto lower = static_cast<char>('a' + i % 26);
    CHECK(receiveAll(ends[i]->theirs()) == std::string(500, upper) + std::string(2000, '+') +
                                               std::string(100, upper) + std::string(300, lower));
  }
}

TEST_CASE("congestion is reported once it is over") {
  EventLoop loop{EventLoop::Options{}};
  Endpoint end(loop, {.high_watermark = 10'000}, 1);
  end.transport->queue(std::string(9000, 'x'));
  CHECK_FALSE(end.transport->congested());
  end.transport->queue(std::string(9000, 'y'));
  CHECK(end.transport->congested());
  std::string received;
  int drained_at = -1;
  end.handler.on_drained = [&] { drained_at = static_cast<int>(end.transport->pendingOutput()); };
  for (int round = 0; round < 100 && received.size() < 18'000; ++round) {
    loop.turn(TimePoint::min());
    received += receiveAll(end.theirs());
  }
  settle(loop);
  CHECK(received == std::string(9000, 'x') + std::string(9000, 'y'));
  CHECK(end.handler.drained == 1);
  CHECK(drained_at >= 0);
  CHECK(drained_at <= 5000);
}

TEST_CASE("an owner may delete itself and its transport from any callback at the end of the turn") {
  struct Session final : event::Deletable, TransportHandler {
    Session(EventLoop& event_loop, UniqueFd fd, int& counter)
        : loop(event_loop), transport(event_loop, std::move(fd), *this, {}), deaths(counter) {}
    ~Session() override { ++deaths; }
    void die() {
      transport.queue("not sent, not a crash");
      loop.deleteLater(std::move(self));
    }
    bool mayRead() override { return true; }
    std::size_t onBytes(ByteView bytes) override {
      die();
      return bytes.size();
    }
    void onEnd(const Error& /*error*/) override {}
    void onDrained() override {}

    EventLoop& loop;
    Transport transport;
    int& deaths;
    std::unique_ptr<Session> self;
  };
  EventLoop loop{EventLoop::Options{}};
  testing::SocketPair sockets;
  int deaths = 0;
  auto session = std::make_unique<Session>(loop, std::move(sockets.ours), deaths);
  Session& inner = *session;
  inner.self = std::move(session);
  sendSome(sockets.theirs.get(), "bye");
  settle(loop);
  CHECK(deaths == 1);
}

TEST_CASE("an idle transport is small") {
  // Ten thousand idle clients, sessions included, are to cost 1.5 KiB each.
  CHECK(sizeof(Transport) <= 400);
}

}  // namespace
}  // namespace peerpool::net
