// Two transports as a relay does it: each one's bytes are queued on the other, with back-pressure.

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proxy/net/transport.h"
#include "tests/proxy/net/recording_handler.h"

namespace peerpool::net {
namespace {

using event::EventLoop;
using testing::receiveSome;
using testing::sendSome;

/// Two endpoints that relay to each other.
struct Relay {
  Relay(EventLoop& loop, const Transport::Limits& limits, int send_buffer)
      : left(loop, limits, send_buffer), right(loop, limits, send_buffer) {
    connect(left, right);
    connect(right, left);
  }

  static void connect(Endpoint& from, Endpoint& to) {
    from.handler.on_bytes = [&from, &to](ByteView bytes) {
      to.transport->queue(bytes);
      if (to.transport->congested()) {
        from.transport->pauseReading();
      }
      return bytes.size();
    };
    to.handler.on_drained = [&from] { from.transport->resumeReading(); };
  }

  Endpoint left;
  Endpoint right;
};

std::uint64_t checksum(std::uint64_t state, std::string_view bytes) {
  for (const char byte : bytes) {
    state = (state ^ static_cast<std::uint8_t>(byte)) * 1099511628211ULL;  // FNV-1a
  }
  return state;
}

/// Bytes that differ from place to place, so that a lost or doubled piece shows.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : text) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return text;
}

void relayBulk(const EventLoop::Options& options, const Transport::Limits& limits, int send_buffer,
               std::size_t total) {
  EventLoop loop(options);
  Relay relay(loop, limits, send_buffer);
  const std::string text = pattern(1'000'003);
  std::uint64_t sent_sum = 0;
  std::uint64_t received_sum = 0;
  std::size_t sent = 0;
  std::size_t received = 0;
  std::size_t most_pending = 0;
  std::size_t round = 0;
  for (std::size_t idle = 0; received < total && idle < 100; ++idle, ++round) {
    for (int burst = 0; burst < 8 && sent < total; ++burst) {
      const std::size_t offset = sent % text.size();
      const std::string_view piece = std::string_view(text).substr(offset, total - sent);
      const std::size_t taken = sendSome(relay.left.theirs(), piece.substr(0, 100'000));
      sent_sum = checksum(sent_sum, piece.substr(0, taken));
      sent += taken;
    }
    loop.turn(TimePoint::min());
    most_pending = std::max(most_pending, relay.right.transport->pendingOutput());
    if (round % 7 > 2) {  // A reader that rests now and then.
      const std::string some = receiveSome(relay.right.theirs()).value_or("");
      received_sum = checksum(received_sum, some);
      received += some.size();
      idle = some.empty() ? idle : 0;
    }
  }
  CHECK(sent == total);
  CHECK(received == total);
  CHECK(sent_sum == received_sum);
  CHECK(most_pending <= limits.high_watermark + limits.window);
}

TEST_CASE("64 MiB go through a relay with back-pressure, unchanged") {
  relayBulk({}, {}, 0, std::size_t{64} << 20);
}

TEST_CASE("a relay with tiny sockets, windows and arena changes nothing") {
  for (const event::FlusherKind kind : {event::FlusherKind::Send, event::FlusherKind::Auto}) {
    relayBulk({.arena_size = 4096, .flusher = kind, .batch_from = 1},
              {.window = 1024, .high_watermark = 3000, .carry = 1024}, 1, std::size_t{4} << 20);
  }
}

TEST_CASE("many relays in both directions at once keep their bytes apart") {
  for (const std::size_t count : {1U, 300U}) {
    EventLoop loop({.arena_size = 128 * 1024, .batch_from = 1});
    std::vector<std::unique_ptr<Relay>> relays;
    for (std::size_t i = 0; i < count; ++i) {
      relays.push_back(std::make_unique<Relay>(loop, Transport::Limits{}, 0));
    }
    for (int round = 0; round < 5; ++round) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::string name = std::to_string(i) + '/' + std::to_string(round) + ' ';
        sendSome(relays[i]->left.theirs(), "request " + name);
        sendSome(relays[i]->right.theirs(), "answer " + name);
      }
      settle(loop, 3);
      for (std::size_t i = 0; i < count; ++i) {
        const std::string name = std::to_string(i) + '/' + std::to_string(round) + ' ';
        REQUIRE(testing::receiveAll(relays[i]->right.theirs()) == "request " + name);
        REQUIRE(testing::receiveAll(relays[i]->left.theirs()) == "answer " + name);
      }
    }
  }
}

}  // namespace
}  // namespace peerpool::net
